// SPDX-License-Identifier: Apache-2.0
#include "cli/nouns/export.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "core/formats/csv.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/time_text.h"

namespace countersign::cli {
namespace {

constexpr std::array<std::string_view, 11> heads = {"id",     "user",    "kind",      "status",
                                                    "label",  "serial",  "algorithm", "digits",
                                                    "period", "created", "last_used"};

void print_row(std::span<const std::string_view> fields) {
  std::string row;
  formats::append_csv_row(row, fields);
  std::fwrite(row.data(), 1, row.size(), stdout);
}

}  // namespace

void export_authenticators(Front& front, const Query& query) {
  print_row(heads);
  const auto listed = all_pages<api::AuthenticatorPage, api::AuthenticatorView>(
      front, "/v1/authenticators", query, "authenticators", &api::AuthenticatorPage::authenticators,
      [](const api::AuthenticatorView& view) {
        const std::string digits = view.digits ? fmt::to_string(*view.digits) : "";
        const std::string period = view.period ? fmt::to_string(*view.period) : "";
        const std::string created = api::to_rfc3339(view.created);
        const std::string last_used = view.last_used ? api::to_rfc3339(*view.last_used) : "";
        const std::array<std::string_view, heads.size()> fields = {
            view.id,
            view.user,
            to_name(view.kind),
            to_name(view.status),
            view.label,
            view.serial,
            view.algorithm ? to_name(*view.algorithm) : "",
            digits,
            period,
            created,
            last_used};
        print_row(fields);
      });
  if (!listed) front.fail_with(listed.error());
}

}  // namespace countersign::cli
