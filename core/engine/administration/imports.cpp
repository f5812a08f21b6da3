// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/imports.h"

#include <cstdlib>
#include <memory>
#include <set>
#include <utility>

#include "core/crypto/hash.h"
#include "core/encoding/base64url.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/factors/oath_secret.h"
#include "core/factors/yubico_otp.h"

namespace countersign::engine {
namespace {

Result<Import> open_import(Context& context, ImportId id) {
  Result<Import> import = context.store.import(id);
  if (!import && import.error().code == Code::not_found)
    return fail(Code::not_found, "there is no such import");
  if (import && import->state != ImportState::open)
    return fail(Code::conflict, "this import has ended");
  return import;
}

// Which user a row is for: none when the row names none.
Result<UserId> owner_of(Context& context, const ImportedToken& token) {
  if (token.user.empty()) return UserId{};
  const auto record = TRY(user_named(context, token.user));
  return record->user.id;
}

// The serials that this batch may not use: those taken before, and its own rows so far.
struct Serials {
  std::set<std::string, std::less<>> taken;
  std::set<std::string_view> batch;
  std::set<Bytes> handles;  // of the batch's own rows so far
};

Result<Serials> serials_taken(Context& context, const std::vector<ImportedToken>& tokens) {
  std::vector<std::string> asked;
  asked.reserve(tokens.size());
  for (const ImportedToken& token : tokens)
    if (!token.serial.empty()) asked.push_back(token.serial);
  if (asked.empty()) return Serials{};
  std::vector<std::string> taken = TRY(context.store.serials_taken(asked));
  return Serials{
      .taken = {std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end())}};
}

Result<void> require_serial(const ImportedToken& token, const Serials& serials) {
  if (token.serial.empty()) {
    if (token.user.empty() && token.handle.empty())
      return fail(Code::invalid,
                  "neither a user nor a serial: nobody could ever find this token again");
    return {};
  }
  if (serials.batch.contains(token.serial))
    return fail(Code::exists, "the serial '" + token.serial + "' is in the file twice");
  if (serials.taken.contains(token.serial))
    return fail(Code::exists, "the serial '" + token.serial + "' is there already");
  return {};
}

// What a YubiKey types first has to be its alone.
Result<void> require_handle(Context& context, const ImportedToken& token, const Serials& serials) {
  if (token.handle.empty())
    return fail(Code::invalid, "the key types no public id, so its user could not be found");
  if (serials.handles.contains(token.handle))
    return fail(Code::exists, "the public id is in the file twice");
  const auto rows =
      TRY(context.store.authenticators({.limit = 1, .kind = token.kind, .handle = token.handle}));
  if (!rows.empty() && rows.front().status != Status::revoked)
    return fail(Code::exists, "the public id is there already");
  return {};
}

Result<UserId> check_yubikey(Context& context, const ImportedToken& token, const Serials& serials) {
  if (token.secret.size() != yubico_otp::material_size)
    return fail(Code::invalid,
                "a YubiKey's secret is an AES key of 16 bytes and a private id of 6");
  if (token.handle.size() > yubico_otp::longest_public_id)
    return fail(Code::invalid, "the public id is longer than 16 bytes");
  TRY(validate_label(token.label));
  TRY(validate_serial(token.serial));
  TRY(require_handle(context, token, serials));
  TRY(require_serial(token, serials));
  return owner_of(context, token);
}

Result<UserId> check_row(Context& context, const ImportedToken& token, const Serials& serials) {
  if (token.kind == Kind::yubico_otp) return check_yubikey(context, token, serials);
  if (token.kind != Kind::totp && token.kind != Kind::hotp)
    return fail(Code::invalid, "only TOTP, HOTP and Yubico OTP tokens are imported");
  if (!token.handle.empty()) return fail(Code::invalid, "only YubiKeys have a public id");
  TRY(validate(token.oath, token.kind));
  TRY(validate_label(token.label));
  TRY(validate_serial(token.serial));
  if (token.counter < 0) return fail(Code::invalid, "the counter is negative");
  if (std::abs(token.drift) > context.rules.totp.resync_steps)
    return fail(Code::invalid, "the token's clock is too far off");
  TRY(require_oath_secret_size(token.secret.size()));
  TRY(require_serial(token, serials));
  return owner_of(context, token);
}

// Everything of a row that counts, after what came before it.
void add_to_digest(Bytes& digest, const ImportedToken& token) {
  std::string row;
  for (const std::string_view field :
       {std::string_view(token.user), std::string_view(token.serial), std::string_view(token.label),
        to_name(token.kind), as_text(token.handle), to_name(token.oath.algorithm)})
    row += std::to_string(field.size()) + ":" + std::string(field) + ",";
  for (const std::int64_t number :
       {std::int64_t{token.oath.digits}, std::int64_t{token.oath.period}, token.oath.epoch,
        token.counter, token.drift})
    row += std::to_string(number) + ",";
  const crypto::Sha256 next = crypto::sha256(
      {as_bytes("countersign-import-v1\n"), digest, as_bytes(row), token.secret.expose()});
  digest.assign(next.begin(), next.end());
}

ChangeParts parts_of(const Import& import) {
  return {{"rows", std::to_string(import.rows)}, {"list", formats::base64url(import.digest)}};
}

Result<Prepared<ImportedBatch>> prepare(Context& context, const ImportTokens& request) {
  Import import = TRY(open_import(context, request.import));
  const Time now = context.clock.read().now;
  ImportedBatch answer;
  Change change;
  Serials serials = TRY(serials_taken(context, request.tokens));
  for (std::size_t row = 0; row < request.tokens.size(); ++row) {
    const ImportedToken& token = request.tokens[row];
    const Result<UserId> owner = check_row(context, token, serials);
    if (!owner) {
      if (owner.error().code == Code::unavailable) return std::unexpected(owner.error());
      answer.refused.push_back({row, owner.error().what});
      continue;
    }
    if (!token.serial.empty()) serials.batch.insert(token.serial);
    if (!token.handle.empty()) serials.handles.insert(token.handle);
    Authenticator fresh{.id = context.ids.make<AuthenticatorId>(),
                        .user = *owner,
                        .kind = token.kind,
                        .status = *owner ? Status::active : Status::unassigned,
                        .label = token.label,
                        .serial = token.serial,
                        .handle = token.handle,
                        .oath = token.oath,
                        .progress = {.counter = token.kind == Kind::hotp ? token.counter : 0,
                                     .detail = token.kind == Kind::totp ? token.drift : 0},
                        .import = request.import,
                        .created = now};
    fresh.material =
        context.vault.seal(crypto::Purpose::authenticator, to_text(fresh.id), token.secret);
    add_to_digest(import.digest, token);
    change.writes.emplace_back(std::move(fresh));
  }
  answer.accepted = change.writes.size();
  if (change.writes.empty())
    return Prepared<ImportedBatch>{.change = {}, .answer = std::move(answer)};
  audit::Event event = event_of(context, request.caller, "import.rows");
  event.details.emplace_back("import", to_text(request.import));
  event.details.emplace_back("rows", std::to_string(answer.accepted));
  event.details.emplace_back("first", to_text(std::get<Authenticator>(change.writes.front()).id));
  event.details.emplace_back("last", to_text(std::get<Authenticator>(change.writes.back()).id));
  change.events.push_back(std::move(event));
  import.rows += static_cast<std::int64_t>(answer.accepted);
  change.writes.emplace_back(std::move(import));
  return Prepared<ImportedBatch>{.change = std::move(change), .answer = std::move(answer)};
}

}  // namespace

void begin_import(Context& context, Caller caller, Then<ImportId> then) {
  const Import import{.id = context.ids.make<ImportId>(), .started = context.clock.read().now};
  apply<ImportId>(
      context,
      [&context, caller = std::move(caller), import]() -> Result<Prepared<ImportId>> {
        Change change;
        change.writes.emplace_back(import);
        change.events.push_back(event_of(context, caller, "import.begin"));
        change.events.back().details.emplace_back("import", to_text(import.id));
        return Prepared<ImportId>{.change = std::move(change), .answer = import.id};
      },
      std::move(then));
}

void import_tokens(Context& context, ImportTokens request, Then<ImportedBatch> then) {
  auto shared = std::make_shared<ImportTokens>(std::move(request));
  apply<ImportedBatch>(
      context, [&context, shared] { return prepare(context, *shared); }, std::move(then));
}

Result<ChangeParts> import_parts(Context& context, ImportId id) {
  const Import import = TRY(open_import(context, id));
  return parts_of(import);
}

void finish_import(Context& context, FinishImport request, Then<std::monostate> then) {
  apply<std::monostate>(
      context,
      [&context, request = std::move(request)]() -> Result<Prepared<std::monostate>> {
        Import import = TRY(open_import(context, request.import));
        if (request.complete && parts_of(import) != request.parts)
          return fail(Code::conflict,
                      "rows came to this import since it was verified for; finish it again");
        import.state = request.complete ? ImportState::complete : ImportState::dropped;
        import.basis = request.basis;
        Change change;
        change.writes.emplace_back(import);
        change.events.push_back(event_of(context, request.caller,
                                         request.complete ? "import.complete" : "import.drop"));
        change.events.back().details.emplace_back("import", to_text(request.import));
        if (!request.basis.text().empty())
          change.events.back().details.emplace_back("rests_on", request.basis.text());
        return Prepared<std::monostate>{.change = std::move(change), .answer = {}};
      },
      std::move(then));
}

}  // namespace countersign::engine
