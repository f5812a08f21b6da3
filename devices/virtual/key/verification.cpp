// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/verification.h"

namespace countersign::virtual_key {
namespace {

// What a command says when it needs the user verified and got nothing to do it with.
Status unverified(const Key& key) {
  return key.pin_set() ? Status::puat_required : Status::operation_denied;
}

}  // namespace

Step select_by_empty_authorization(Key& key) {
  return Ask{Want::touch, [&key](Answer answer) {
               if (answer != Answer::given) return end(status_of(answer));
               return end(key.pin_set() ? Status::pin_invalid : Status::pin_not_set);
             }};
}

Step built_in_uv(Key& key, std::function<Step(Status)> then) {
  if (key.state.uv_retries == 0) return then(Status::uv_blocked);
  return Ask{Want::verification, [&key, then = std::move(then)](Answer answer) {
               if (answer == Answer::timed_out || answer == Answer::cancelled)
                 return then(status_of(answer));
               key.state.uv_retries =
                   answer == Answer::given ? most_uv_retries : key.state.uv_retries - 1;
               if (const Status saved = key.save(); saved != Status::ok) return then(saved);
               if (answer == Answer::given) return then(Status::ok);
               return then(key.state.uv_retries == 0 ? Status::uv_blocked : Status::uv_invalid);
             }};
}

Step verify_user(Key& key, const Ceremony& ceremony, std::function<Step(Evidence)> then) {
  if (ceremony.authorization) {
    const auto& [protocol, signature] = *ceremony.authorization;
    if (!key.is_protected()) return end(Status::pin_not_set);
    if (!key.session.token.authorizes(ceremony.permission, protocol, ceremony.client_data_hash,
                                      signature, ceremony.rp_id, key.now))
      return end(Status::pin_auth_invalid);
    return then({.verified = true, .present = key.session.token.user_present(key.now)});
  }
  if (ceremony.uv) {
    return built_in_uv(key, [&key, then = std::move(then)](Status status) -> Step {
      if (status == Status::ok) return then({.verified = true, .present = true});
      if (status == Status::uv_invalid || status == Status::uv_blocked) return end(unverified(key));
      return end(status);
    });
  }
  if (ceremony.demanded) return end(unverified(key));
  return then({});
}

Step touch(Evidence evidence, std::function<Step()> then) {
  if (evidence.present) return then();
  return Ask{Want::touch, [then = std::move(then)](Answer answer) {
               return answer == Answer::given ? then() : end(status_of(answer));
             }};
}

}  // namespace countersign::virtual_key
