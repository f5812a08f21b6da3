// SPDX-License-Identifier: Apache-2.0
// The route table's rows: method, path, privilege, handler; and what the OpenAPI document says of them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/caller.h"
#include "core/result.h"
#include "daemon/api/decode.h"
#include "daemon/api/encode.h"
#include "daemon/api/schema.h"
#include "daemon/http/doorkeeper.h"

namespace countersign::http {

enum class Method { get, post, patch, put };

// Where a handler runs: on the one I/O thread if it never blocks, on a worker if it hashes slowly or lists.
enum class Where { loop, worker };

struct Response {
  int status = 500;
  std::string body;
  bool problem = false;  // application/problem+json
  bool secret = false;   // wiped after sending
};
[[nodiscard]] Response problem(const Error& error);
[[nodiscard]] int status_of(Code code);

// What a handler knows of its caller; the door has found it fit.
struct Call {
  Caller caller;
  const Standing& standing;
};

// A request as the session read it; views are valid until the response is given.
struct RawCall {
  const Peer& peer;
  const Doorkeeper& doorkeeper;
  api::Texts texts;  // from path and query, percent-decoded
  std::string_view body;
};

using Respond = std::move_only_function<void(Response)>;

struct Route {
  Method method = Method::get;
  std::string path;  // "/v1/users/{name}"
  Privilege privilege = Privilege::admin;
  Where where = Where::loop;
  std::string summary;
  std::vector<int> statuses;  // all that this route may answer
  api::Schema request;
  api::Schema response;
  std::function<void(const RawCall&, Respond)> handle;
};

template <class Request, class Answer>
struct Spec {
  Method method = Method::get;
  std::string path;
  Privilege privilege = Privilege::admin;
  Where where = Where::loop;
  std::string summary;
  std::vector<Code> failures;  // beyond those that every route has
  // Which user a request is about, for privileges that ask; and for which service.
  std::function<Result<std::string>(const Request&)> subject = {};
  std::function<std::string(const Request&)> service = {};
  std::function<void(const Call&, Request, std::move_only_function<void(Result<Answer>)>)> handle;
};

[[nodiscard]] std::vector<int> statuses_of(const std::vector<Code>& failures);

// Decode, admit, handle, encode: the walk that every request takes.
template <class Request, class Answer>
[[nodiscard]] Route make_route(Spec<Request, Answer> spec) {
  Route route{.method = spec.method,
              .path = spec.path,
              .privilege = spec.privilege,
              .where = spec.where,
              .summary = spec.summary,
              .statuses = statuses_of(spec.failures),
              .request = api::schema_of<Request>(),
              .response = api::schema_of<Answer>(),
              .handle = {}};
  route.handle = [spec = std::move(spec)](const RawCall& raw, Respond respond) {
    const Standing standing = raw.doorkeeper.standing(raw.peer);
    Result<Request> request = api::decode<Request>(raw.body, raw.texts);
    // Who may nothing here learns nothing of what was wrong with the request.
    Result<std::string> subject = request && spec.subject && !standing.admin ? spec.subject(*request) : std::string();
    const std::string service = request && spec.service ? spec.service(*request) : std::string();
    if (auto admitted = Doorkeeper::admit(standing, spec.privilege, subject.value_or(""), service); !admitted)
      return respond(problem(admitted.error()));
    if (!request) return respond(problem(request.error()));
    const Call call{.caller = {.uid = raw.peer.uid, .pid = raw.peer.pid, .service = service}, .standing = standing};
    spec.handle(call, std::move(*request), [respond = std::move(respond)](Result<Answer> answer) mutable {
      if (!answer) return respond(problem(answer.error()));
      respond({.status = 200, .body = api::encode(*answer), .secret = true});
    });
  };
  return route;
}

}  // namespace countersign::http
