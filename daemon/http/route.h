// SPDX-License-Identifier: Apache-2.0
// The route table's rows: method, path, privilege, handler; and what the OpenAPI document says of
// them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/caller.h"
#include "daemon/api/codec/decode.h"
#include "daemon/api/codec/encode.h"
#include "daemon/http/doorkeeper.h"
#include "daemon/http/names.h"
#include "daemon/http/stream.h"

namespace countersign::http {

enum class Method { get, post, patch, put };

// Where a handler runs: on the one I/O thread if it never blocks, on a worker if it hashes slowly
// or lists.
enum class Where { loop, worker };

enum class Media { json, problem /* RFC 9457 */, lines /* NDJSON */, text };

struct Response {
  int status = 500;
  std::string body;
  Media media = Media::json;
  bool secret = false;                                            // wiped after sending
  std::vector<std::pair<std::string, std::string>> headers = {};  // visible ASCII
  std::shared_ptr<const std::string> shared = {};  // the body, where many answers have the same one

  [[nodiscard]] const std::string& content() const { return shared ? *shared : body; }
};
[[nodiscard]] Response problem(const Error& error);
[[nodiscard]] std::string problem_line(
    const Error& error);  // the last line of a stream that fails late

// What a handler knows of its caller; the door has found it fit.
struct Call {
  Caller caller;
  const Standing& standing;
  std::shared_ptr<const Process> process = {};  // the caller's; over TCP none
};

// A request as the session read it; views are valid until the response is given.
struct RawCall {
  const Peer& peer;
  const Doorkeeper& doorkeeper;
  api::Texts texts;  // from path and query, percent-decoded
  std::string_view body;
  std::string_view authorization = {};  // the header, as it came
  // Run it on a worker, or on the loop's thread. Nothing: this is a worker already, or nothing
  // needs one.
  std::function<void(std::move_only_function<void()>)> work = {}, post = {};
};

using Respond = std::move_only_function<void(Response)>;

struct Route {
  Method method = Method::get;
  std::string path;  // "/v1/users/{name}"
  Privilege privilege = Privilege::admin;
  Where where = Where::loop;
  std::string summary;
  std::vector<int> statuses;  // all that this route may answer
  bool raw = false;           // the body is one secret, octets as they are
  const api::Shape* request = nullptr;
  const api::Shape* response = nullptr;
  const api::Shape* event = nullptr;  // of a route that streams
  // One of the two.
  std::function<void(const RawCall&, Respond)> handle;
  std::function<void(const RawCall&, std::shared_ptr<Stream>)> stream;
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

[[nodiscard]] std::vector<int> statuses_of(Method method, const std::vector<Code>& failures);

// A route whose answer may take long and needs the person meanwhile.
template <class Request, class Event, class Answer>
struct StreamSpec {
  Method method = Method::post;
  std::string path;
  Privilege privilege = Privilege::admin;
  std::string summary;
  std::vector<Code> failures;
  std::function<Result<std::string>(const Request&)> subject = {};
  std::function<std::string(const Request&)> service = {};
  std::function<void(const Call&, Request, std::shared_ptr<Stream>)> handle;
};

template <class Request, class Answer, class SpecOf>
[[nodiscard]] Route row_of(const SpecOf& spec) {
  return {.method = spec.method,
          .path = spec.path,
          .privilege = spec.privilege,
          .summary = spec.summary,
          .statuses = statuses_of(spec.method, spec.failures),
          .request = &api::shape_of<Request>(),
          .response = &api::shape_of<Answer>(),
          .event = nullptr,
          .handle = {},
          .stream = {}};
}

// Decode, resolve and admit: the first half of the walk that every request takes.
template <class Request>
struct Admitted {
  Request request;
  std::string service;
};
// A request as it came, with its names resolved, or why one can't be.
template <class Request>
struct Decoded {
  Result<Request> request;
  Result<void> named = {};
};
template <class Request, class SpecOf>
[[nodiscard]] Result<Admitted<Request>> admit(const SpecOf& spec, const RawCall& raw,
                                              Decoded<Request> decoded, const Standing& standing) {
  Result<Request>& request = decoded.request;
  // Who may nothing here learns nothing of what was wrong with the request.
  Result<std::string> subject =
      request && spec.subject && !standing.admin ? spec.subject(*request) : std::string();
  std::string service = request && spec.service ? spec.service(*request) : std::string();
  TRY(Doorkeeper::admit(standing, spec.privilege, subject.value_or(""), service));
  if (!request) return std::unexpected(request.error());
  if (!decoded.named) return std::unexpected(decoded.named.error());
  if (spec.method != Method::get) TRY(raw.doorkeeper.count_change(raw.peer, standing));
  return Admitted<Request>{std::move(*request), std::move(service)};
}

// The request with its names resolved, to the second half: at once, or where the system has to be
// asked for names, from a worker (waited).
template <class Request>
void with_names(const RawCall& raw, auto then) {
  Decoded<Request> decoded{.request = api::decode<Request>(raw.body, raw.texts)};
  Result<Request>& request = decoded.request;
  const bool ask = request && names_wait(*request, raw.doorkeeper) &&
                   raw.doorkeeper.standing(raw.peer).acts_for_others();
  if (ask && raw.work)
    return raw.work([raw, decoded = std::move(decoded), then = std::move(then)]() mutable {
      decoded.named = resolve_names(*decoded.request, raw.doorkeeper, true);
      then(raw, std::move(decoded), true);
    });
  if (request) decoded.named = resolve_names(*request, raw.doorkeeper, ask);
  then(raw, std::move(decoded), false);
}

[[nodiscard]] inline Caller caller_of(const RawCall& raw, std::string service,
                                      const Standing& standing) {
  return {.uid = raw.peer.uid,
          .pid = raw.peer.pid,
          .service = std::move(service),
          .share = standing.share()};
}

template <class Request, class Answer>
void serve(const Spec<Request, Answer>& spec, const RawCall& raw, Decoded<Request> decoded,
           Respond respond) {
  const Standing standing = raw.doorkeeper.standing(raw.peer);
  Result<Admitted<Request>> admitted = admit<Request>(spec, raw, std::move(decoded), standing);
  if (!admitted) return respond(problem(admitted.error()));
  const Call call{.caller = caller_of(raw, std::move(admitted->service), standing),
                  .standing = standing,
                  .process = raw.peer.process};
  spec.handle(call, std::move(admitted->request),
              [respond = std::move(respond)](Result<Answer> answer) mutable {
                if (!answer) return respond(problem(answer.error()));
                respond({.status = 200, .body = api::encode(*answer), .secret = true});
              });
}

// Decode, resolve, admit, handle, encode.
template <class Request, class Answer>
[[nodiscard]] Route make_route(Spec<Request, Answer> spec) {
  Route route = row_of<Request, Answer>(spec);
  route.where = spec.where;
  route.handle = [spec = std::make_shared<const Spec<Request, Answer>>(std::move(spec))](
                     const RawCall& raw, Respond respond) {
    with_names<Request>(raw, [spec, respond = std::move(respond)](
                                 const RawCall& call, Decoded<Request> decoded, bool) mutable {
      serve(*spec, call, std::move(decoded), std::move(respond));
    });
  };
  return route;
}

template <class Request, class Event, class Answer>
void serve_stream(const StreamSpec<Request, Event, Answer>& spec, const RawCall& raw,
                  Decoded<Request> decoded, std::shared_ptr<Stream> stream) {
  const Standing standing = raw.doorkeeper.standing(raw.peer);
  Result<Admitted<Request>> admitted = admit<Request>(spec, raw, std::move(decoded), standing);
  if (!admitted) return stream->fail(admitted.error());
  const Call call{.caller = caller_of(raw, std::move(admitted->service), standing),
                  .standing = standing,
                  .process = raw.peer.process};
  spec.handle(call, std::move(admitted->request), std::move(stream));
}

// Decode, resolve, admit, and a stream in place of an answer. What streams is the loop's.
template <class Request, class Event, class Answer>
[[nodiscard]] Route make_stream_route(StreamSpec<Request, Event, Answer> spec) {
  Route route = row_of<Request, Answer>(spec);
  route.event = &api::shape_of<Event>();
  route.stream = [spec = std::make_shared<const StreamSpec<Request, Event, Answer>>(
                      std::move(spec))](const RawCall& raw, std::shared_ptr<Stream> stream) {
    with_names<Request>(raw, [spec, stream = std::move(stream)](const RawCall& call,
                                                                Decoded<Request> decoded,
                                                                bool waited) mutable {
      if (!waited) return serve_stream(*spec, call, std::move(decoded), std::move(stream));
      call.post([spec, stream = std::move(stream), call, decoded = std::move(decoded)]() mutable {
        serve_stream(*spec, call, std::move(decoded), std::move(stream));
      });
    });
  };
  return route;
}

}  // namespace countersign::http
