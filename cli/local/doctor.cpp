// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/command.h"
#include "cli/local/doctor_rights.h"
#include "cli/local/finding.h"
#include "cli/local/helper.h"
#include "cli/local/host_checks.h"
#include "cli/local/host_libraries.h"
#include "cli/local/packages.h"
#include "cli/nouns.h"
#include "core/base/text.h"
#include "daemon/api/audit.h"
#include "daemon/api/status.h"

namespace countersign::cli {
namespace {

struct Findings {
  bool good = true;
  std::vector<Finding> findings;
  static api::Fields fields() {
    return {api::Field{"good", &Findings::good, ""},
            api::Field{"findings", &Findings::findings, ""}};
  }
};

bool is_there(const char* name) {
  struct stat about{};
  return stat(program_path(name).c_str(), &about) == 0;
}

void check_programs(std::vector<Finding>& findings) {
  std::string missing;
  for (const char* name :
       {"countersignd", "countersign-import", "countersign-reader", "countersign-judge"})
    if (!is_there(name)) missing += (missing.empty() ? "" : ", ") + program_path(name);
  if (missing.empty())
    findings.push_back(
        {"programs", true, "daemon, reader, import helper and judge are installed", ""});
  else
    findings.push_back(
        {"programs", false, missing + ": missing", "install the package countersign again"});
  const bool software = is_there("countersign-virtual");
  findings.push_back({.check = "software tokens",
                      .good = true,
                      .detail = software ? "countersign-virtual is installed"
                                         : "countersign-virtual is not installed; only demos and "
                                           "tests want it",
                      .note = !software});
}

std::vector<Finding> check_libraries() {
  if (!has_packages())
    return {{.check = "host libraries",
             .good = true,
             .detail = "not looked at: there is no dpkg here to ask which versions are installed",
             .note = true}};
  return check_host_libraries(
      known_host_libraries(),
      {.installed = installed_version, .at_least = at_least, .distribution = distribution()});
}

// TOTP lives on the clock; a phone's is set by its network.
Finding check_clock() {
  timex clock{};
  const int state = adjtimex(&clock);
  if (state == TIME_ERROR ||
      (static_cast<unsigned>(clock.status) & static_cast<unsigned>(STA_UNSYNC)) != 0)
    return {"clock", false,
            "the kernel says that the clock is not synchronised; codes are wrong when it is off by "
            "a minute",
            "apt-get install systemd-timesyncd && timedatectl set-ntp true"};
  return {"clock", true, "synchronised", ""};
}

// Of the commands that findings name, those for root alone.
bool is_for_root(std::string_view mend) {
  constexpr std::array for_root = {"apt-get",     "systemctl", "udevadm", "pam-auth-update",
                                   "timedatectl", "chown",     "chmod"};
  return std::ranges::any_of(for_root, [&](const char* each) { return mend.starts_with(each); });
}

std::string advice(const Finding& finding) {
  const bool root_only = geteuid() != 0 && is_for_root(finding.mend);
  return root_only ? "as root: " + finding.mend : finding.mend;
}

void check_daemon(Front& front, std::vector<Finding>& findings) {
  const auto status = front.get<api::StatusView>("/v1/status");
  if (!status) {
    const bool foreign = status.error().code == Code::not_permitted;
    findings.push_back(
        {"daemon", false, status.error().what,
         foreign ? "name the right socket with --socket"
                 : "systemctl start countersignd (or countersignd --state DIR --socket PATH)"});
    return;
  }
  findings.push_back(
      {"daemon", true,
       fmt::format("countersignd {} answers at {}", status->version, front.socket_path()), ""});
  const bool ready = status->state == "ready";
  findings.push_back({"store", ready,
                      ready ? status->store + " store, ready"
                            : "an old copy of the store was put back; one-time codes are refused",
                      ready ? "" : "countersign store resync --yes"});
  const bool good = status->clock == "good";
  findings.push_back({"daemon's clock", good,
                      good ? "is steady"
                           : "the clock is " + status->clock +
                                 " of what the record says; one-time codes are refused",
                      good ? "" : "set the clock right, or: countersign store resync --yes"});
  check_rights(front, *status, findings);
  if (status->names_by_case)
    findings.push_back(
        {"names", false,
         "users whose names differ by case alone, which only their exact spelling finds: " +
             joined(*status->names_by_case),
         "countersign user set NAME --rename NEW"});
  const auto verdict = front.get<api::AuditVerdict>("/v1/audit/verification");
  if (verdict)
    findings.push_back(
        {"record", verdict->intact,
         verdict->intact
             ? fmt::format("{} event{}, intact", verdict->events, verdict->events == 1 ? "" : "s")
             : verdict->problem,
         verdict->intact ? "" : "find out who touched the database; the record can't be mended"});
}

}  // namespace

void add_doctor(Command& noun, Front& front) {
  noun.callback([&front] {
    Findings all;
    check_programs(all.findings);
    all.findings.push_back(check_clock());
    for (const auto& check : {check_token_nodes, check_pcscd, check_pam})
      for (Finding& finding : check("/")) all.findings.push_back(std::move(finding));
    for (Finding& finding : check_scdaemon("/", geteuid()))
      all.findings.push_back(std::move(finding));
    for (Finding& finding : check_libraries()) all.findings.push_back(std::move(finding));
    check_daemon(front, all.findings);
    for (const Finding& finding : all.findings) {
      all.good = all.good && finding.good;
      const std::string text = fmt::format("{:<15} {}", finding.check, escape_text(finding.detail));
      if (!finding.good)
        front.out().bad(text);
      else if (finding.note)
        front.out().line(text);
      else
        front.out().good(text);
      if (!finding.mend.empty()) front.out().line(fmt::format("{:<15} -> {}", "", advice(finding)));
    }
    front.out().object(api::encode(all));
    if (!all.good) front.exit = Exit::denied;
  });
}

}  // namespace countersign::cli
