// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <limits>

#include "cli/command.h"
#include "cli/nouns.h"
#include "cli/pages.h"
#include "cli/secrets.h"
#include "core/base/text.h"
#include "daemon/api/audit.h"
#include "daemon/api/status.h"

namespace countersign::cli {
namespace {

struct AuditOptions {
  std::int64_t after = 0, through = 0;
  int last = 0;
  std::string head, file;
  bool yes = false;
};

// Page by page from after on; each gets the page's text and what it says.
Result<void> walk(Front& front, std::int64_t after,
                  const std::function<Result<void>(const api::AuditPage&)>& each) {
  while (true) {
    const auto page =
        TRY(front.get<api::AuditPage>("/v1/audit/events?after=" + std::to_string(after)));
    TRY(each(page));
    if (page.events.empty() || page.events.back().sequence >= page.head.sequence) return {};
    after = page.events.back().sequence;
  }
}

void list(Front& front, const AuditOptions& options) {
  std::int64_t after = options.after;
  if (options.last > 0) {
    const auto status = front.get<api::StatusView>("/v1/status");
    if (!status) return front.fail_with(status.error());
    after = std::max<std::int64_t>(0, status->audit_events - options.last);
  }
  std::string json = "{\"events\":[";
  bool first = true;
  const auto walked = walk(front, after, [&](const api::AuditPage& page) -> Result<void> {
    for (const api::AuditRecord& record : page.events) {
      if (front.json) {
        json += std::exchange(first, false) ? "" : ",";
        json += fmt::format("{{\"sequence\":{},\"hash\":\"{}\",\"event\":{}}}", record.sequence,
                            record.hash, record.event);
      } else {
        first = false;
        front.out().line(fmt::format("{:>7} {}", record.sequence, record.event));
      }
    }
    return {};
  });
  if (!walked) return front.fail_with(walked.error());
  front.out().object(json + "]}");
  if (first) front.out().line("There are no such events.");
}

void verify(Front& front, const AuditOptions& options) {
  Query query;
  if (!options.head.empty()) {
    const auto colon = options.head.find(':');
    if (colon == std::string::npos)
      return front.fail_with(
          {Code::invalid, "--head takes NUMBER:HASH, as 'countersign status' shows it"});
    query.add("sequence", options.head.substr(0, colon));
    query.add("hash", options.head.substr(colon + 1));
  }
  const auto verdict = front.get<api::AuditVerdict>("/v1/audit/verification" + query.text());
  if (!verdict) return front.fail_with(verdict.error());
  front.out().object(front.answer());
  if (verdict->intact)
    return front.out().good(
        fmt::format("intact: {} events, {} to {}, every link and the signed end are valid",
                    verdict->events, verdict->first, verdict->last));
  front.exit = Exit::denied;
  front.out().bad("not intact: " + escape_text(verdict->problem));
}

void prune(Front& front, const AuditOptions& options) {
  if (!options.yes)
    return front.fail_with(
        {Code::invalid,
         fmt::format("this drops events up to {} for good; export them first, then say --yes",
                     options.through)});
  const auto checkpoint =
      front.call<api::AuditHead>("POST", "/v1/audit/prune", api::AuditPrune{options.through});
  if (!checkpoint) return front.fail_with(checkpoint.error());
  front.out().object(front.answer());
  front.out().good(fmt::format(
      "pruned: the chain now begins after event {}, at a signed checkpoint", checkpoint->sequence));
}

struct Exported {
  std::string file;
  std::int64_t events = 0;
  static api::Fields fields() {
    return {api::Field{"file", &Exported::file, ""}, api::Field{"events", &Exported::events, ""}};
  }
};

// Lines of JSON: the checkpoint, every record, the signed head: all that somebody else needs to
// verify the chain.
void export_to(Front& front, const AuditOptions& options) {
  if (options.file.empty() && front.json)
    return front.fail_with({Code::invalid,
                            "the record itself goes to standard output, as lines of JSON: with "
                            "--json, give a --file for it"});
  std::FILE* out = options.file.empty() ? stdout : std::fopen(options.file.c_str(), "wxe");
  if (out == nullptr)
    return front.fail_with(
        {Code::invalid, "can't make " + escape_text(options.file) + "; is it there already?"});
  bool begun = false;
  std::int64_t rows = 0;
  api::AuditHead head;
  const auto walked = walk(front, 0, [&](const api::AuditPage& page) -> Result<void> {
    if (!std::exchange(begun, true))
      fmt::print(out, "{{\"audit_key\":\"{}\",\"checkpoint\":{}}}\n", page.audit_key,
                 api::encode(page.checkpoint));
    for (const api::AuditRecord& record : page.events) {
      fmt::print(out, "{}\n", api::encode(record));
      ++rows;
    }
    head = page.head;
    return {};
  });
  fmt::print(out, "{{\"head\":{}}}\n", api::encode(head));
  const bool whole = std::fflush(out) == 0 && std::ferror(out) == 0;
  if (out != stdout) std::fclose(out);
  if (!walked) return front.fail_with(walked.error());
  if (!whole)
    return front.fail_with(
        {Code::unavailable, "the export could not be written; is the disk full?"});
  if (out == stdout) return;
  front.out().object(api::encode(Exported{options.file, rows}));
  front.out().good(fmt::format("exported: {} events to {}", rows, escape_text(options.file)));
}

}  // namespace

void add_audit(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto options = std::make_shared<AuditOptions>();
  Command* verb = noun.add_subcommand("list", "List the record");
  auto* after = verb->add_option("--after", options->after, "Only events after this number");
  verb->add_option("--last", options->last, "Only so many of the newest")->excludes(after);
  verb->callback([&front, options] { list(front, *options); });
  verb = noun.add_subcommand("verify", "Walk the chain: every edit, gap or missing end is named");
  verb->add_option(
      "--head", options->head,
      "NUMBER:HASH that was noted elsewhere: finds a chain that was replaced as a whole");
  verb->callback([&front, options] { verify(front, *options); });
  verb = noun.add_subcommand("prune", "Drop the oldest events and leave a signed checkpoint");
  verb->add_option("--through", options->through, "Number of the last event to drop")->required();
  verb->add_flag("--yes", options->yes, "Don't ask: do it");
  verb->callback([&front, options] { prune(front, *options); });
  verb = noun.add_subcommand("export",
                             "Write the record with its hashes and signed head, as lines of JSON");
  verb->add_option("--file", options->file,
                   "Into this file, which must not exist yet; else standard output");
  verb->callback([&front, options] { export_to(front, *options); });
}

}  // namespace countersign::cli
