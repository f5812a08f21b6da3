// SPDX-License-Identifier: Apache-2.0
// Where the certificate of a card comes from, and how long it is to be valid: of cards that are
// provisioned and renewed alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/front.h"
#include "daemon/api/cards.h"

namespace countersign::cli {

struct IssueOptions {
  std::string authority_folder;     // --ca: ca.pem and ca.key
  std::string request_file;         // --csr: written
  std::string certificate_file;     // --certificate
  std::string management_key_file;  // --management-key-file
  std::optional<std::string> algorithm, pin_policy, touch_policy;
  std::optional<int> days;
};
void add_issue_options(Command& verb, IssueOptions& options);

// What a request's body takes of them.
struct IssueBody {
  std::optional<std::string> algorithm, pin_policy, touch_policy;
  std::optional<int> days;
  int seconds = 60;
  std::optional<bool> request;
  std::optional<std::string> certificate, authority;
  std::optional<Secret> authority_key, management_key;
};
// Reads the files. invalid: one can't be read, or the file for the request is there already.
[[nodiscard]] Result<void> read_issue(const IssueOptions& options, IssueBody& body);

// Tells what was done to the card ("provisioned"). repeat: the command without its options, for
// what comes next.
void show_card(Front& front, const IssueOptions& options, const Result<api::CardProvisioned>& card,
               std::string_view done, const std::string& repeat);

}  // namespace countersign::cli
