// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <thread>

#include "cli/command.h"
#include "cli/nouns.h"
#include "core/base/text.h"
#include "daemon/api/codec/time_text.h"
#include "daemon/api/status.h"

namespace countersign::cli {
namespace {

constexpr std::chrono::milliseconds between_looks{50};

// A daemon that was started a moment ago may not listen yet.
Result<api::StatusView> status_within(Front& front, std::chrono::seconds patience) {
  const Deadline deadline = Deadline::in(patience);
  while (true) {
    Result<api::StatusView> status = front.get<api::StatusView>("/v1/status");
    if (status || !front.unreachable() || deadline.passed()) return status;
    std::this_thread::sleep_for(between_looks);
  }
}

}  // namespace

void add_status(Command& noun, Front& front) {
  auto seconds = std::make_shared<int>(0);
  noun.add_option("--wait", *seconds, "If no daemon answers, try again for this many seconds")
      ->in_range(0, 600)
      ->type_name("SECONDS");
  noun.callback([&front, seconds] {
    const auto status = status_within(front, std::chrono::seconds(*seconds));
    if (!status) return front.fail_with(status.error());
    const Output out = front.out();
    out.object(front.answer());
    out.line(fmt::format("daemon   countersignd {} at {}", status->version, front.socket_path()));
    out.line(fmt::format("store    {}, {}", status->store, status->state));
    out.line(fmt::format("keys     bound to {}, for {}", status->rp_id, joined(status->origins)));
    out.line(fmt::format("clock    {}, {}", status->clock, api::to_rfc3339(status->time)));
    if (status->bootstrap == "open")
      out.line(
          "rights   bootstrap: whoever administers needs no fresh verification yet. It ends when "
          "an administrator has enrolled, or with 'countersign bootstrap close'");
    out.line(fmt::format("record   {}:{}", status->audit_events, status->audit_head));
    out.line(fmt::format("         signed by {}", status->audit_key));
    if (status->names_by_case)
      out.line(fmt::format("names    differ by case alone: {}",
                           escape_text(joined(*status->names_by_case))));
  });
}

}  // namespace countersign::cli
