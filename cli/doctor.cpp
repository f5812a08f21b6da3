// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include <cstdlib>

#include "cli/helper.h"
#include "cli/nouns.h"
#include "core/text.h"

namespace countersign::cli {
namespace {

struct Finding {
  std::string check;
  bool good = false;
  std::string detail;  // what is, or what is wrong
  std::string mend;    // the command that mends it
  static constexpr auto fields() {
    return std::tuple(api::Field{"check", &Finding::check, ""}, api::Field{"good", &Finding::good, ""}, api::Field{"detail", &Finding::detail, ""},
                      api::Field{"mend", &Finding::mend, ""});
  }
};

struct Findings {
  bool good = true;
  std::vector<Finding> findings;
  static constexpr auto fields() { return std::tuple(api::Field{"good", &Findings::good, ""}, api::Field{"findings", &Findings::findings, ""}); }
};

Finding check_programs() {
  struct stat there{};
  for (const char* name : {"countersignd", "countersign-import"})
    if (stat(program_path(name).c_str(), &there) != 0) return {"programs", false, program_path(name) + " is missing", "install the package countersign again"};
  return {"programs", true, "daemon and import helper are there", ""};
}

// TOTP lives on the clock; a phone's is set by its network.
Finding check_clock() {
  timex clock{};
  const int state = adjtimex(&clock);
  if (state == TIME_ERROR || (static_cast<unsigned>(clock.status) & static_cast<unsigned>(STA_UNSYNC)) != 0)
    return {"clock", false, "the kernel says that the clock is not synchronised; codes are wrong when it is off by a minute", "apt-get install systemd-timesyncd && timedatectl set-ntp true"};
  return {"clock", true, "synchronised", ""};
}

void check_daemon(Front& front, std::vector<Finding>& findings) {
  const auto status = front.get<api::StatusView>("/v1/status");
  if (!status) {
    const bool foreign = status.error().code == Code::not_permitted;
    findings.push_back({"daemon", false, status.error().what, foreign ? "name the right socket with --socket" : "systemctl start countersignd (or countersignd --state DIR --socket PATH)"});
    return;
  }
  findings.push_back({"daemon", true, fmt::format("countersignd {} answers at {}", status->version, front.socket_path()), ""});
  const bool ready = status->state == "ready";
  findings.push_back({"store", ready, ready ? status->store + " store, ready" : "an old copy of the store was put back; one-time codes are refused", ready ? "" : "countersign store resync --yes"});
  const bool good = status->clock == "good";
  findings.push_back({"daemon's clock", good, good ? "goes steadily" : "the clock is " + status->clock + " of what the record says; one-time codes are refused", good ? "" : "set the clock right, or: countersign store resync --yes"});
  const auto verdict = front.get<api::AuditVerdict>("/v1/audit/verification");
  if (verdict) findings.push_back({"record", verdict->intact, verdict->intact ? fmt::format("{} events, intact", verdict->events) : verdict->problem, verdict->intact ? "" : "find out who touched the database; the record can't be mended"});
}

}  // namespace

void add_doctor(CLI::App& noun, Front& front) {
  noun.callback([&front] {
    Findings all;
    all.findings.push_back(check_programs());
    all.findings.push_back(check_clock());
    check_daemon(front, all.findings);
    for (const Finding& finding : all.findings) {
      all.good = all.good && finding.good;
      const std::string text = fmt::format("{:<15} {}", finding.check, escape_text(finding.detail));
      if (finding.good) front.out().good(text);
      else front.out().bad(text);
      if (!finding.mend.empty()) front.out().line(fmt::format("{:<15} -> {}", "", finding.mend));
    }
    front.out().object(api::encode(all));
    if (!all.good) front.exit = Exit::denied;
  });
}

}  // namespace countersign::cli
