// SPDX-License-Identifier: Apache-2.0
// The tokens that are plugged in: what they are, and what people do to them apart from signing in.
#include <fmt/format.h>

#include <algorithm>

#include "core/encoding/hex.h"
#include "core/engine/enrollment/attestation_trust.h"
#include "daemon/api/devices.h"
#include "daemon/api/problem.h"
#include "daemon/api/tap.h"
#include "daemon/ceremonies/tap.h"
#include "daemon/routes/routes.h"
#include "daemon/tokens/slot_client.h"
#include "daemon/views/advisory_view.h"
#include "daemon/views/card_view.h"
#include "daemon/views/slots_view.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

constexpr std::string_view any_device = "any";

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

api::DeviceView wire_of(const devices::Device& device,
                        const std::optional<devices::Fido2Info>& fido2 = std::nullopt) {
  api::DeviceView view{.id = device.id,
                       .model = device.model,
                       .transport = std::string(to_name(device.transport)),
                       .serial = if_any(device.serial),
                       .firmware = if_any(device.firmware),
                       .trouble = {},
                       .usb = fmt::format("{:04x}:{:04x}", device.vendor, device.product),
                       .advisories = advisories_of(device, fido2)};
  if (device.trouble != devices::Trouble::none) view.trouble = std::string(to_name(device.trouble));
  for (const devices::Capability each : device.capabilities)
    view.capabilities.emplace_back(to_name(each));
  return view;
}

std::vector<api::DeviceView> present(const Services& services) {
  std::vector<api::DeviceView> all;
  for (const devices::Device& each : services.desk->directory().present())
    all.push_back(wire_of(each));
  return all;
}

api::DeviceInfo wire_of(const reader::Opened& opened) {
  api::DeviceInfo info{.device = wire_of(opened.device, opened.fido2), .fido2 = {}, .card = {}};
  if (!opened.fido2) return info;
  const devices::Fido2Info& told = *opened.fido2;
  webauthn::Aaguid model{};
  if (told.aaguid.size() == model.size()) std::ranges::copy(told.aaguid, model.begin());
  info.fido2 = api::Fido2View{.versions = told.versions,
                              .extensions = told.extensions,
                              .aaguid = engine::to_text(model),
                              .algorithms = told.algorithms,
                              .pin_set = told.pin_set,
                              .built_in_uv = told.built_in_uv,
                              .always_uv = told.always_uv,
                              .resident_keys = told.resident_keys,
                              .min_pin_length = told.min_pin_length,
                              .pin_retries = told.pin_retries,
                              .uv_retries = told.uv_retries,
                              .free_resident = told.free_resident};
  return info;
}

// Once, when it is known what is there.
void list(Services& services, std::move_only_function<void(Result<api::DeviceList>)> then) {
  struct Waiting {
    std::move_only_function<void(Result<api::DeviceList>)> then;
    std::shared_ptr<void> watching;
  };
  auto waiting = std::make_shared<Waiting>();
  waiting->then = std::move(then);
  const auto answer = [waiting](Result<api::DeviceList> result) {
    if (auto ready = std::exchange(waiting->then, nullptr)) ready(std::move(result));
    waiting->watching.reset();
  };
  waiting->watching = services.desk->directory().watch(
      {.changed = [&services, answer] { answer(api::DeviceList{present(services)}); },
       .failed = [answer](const Error& error) { answer(std::unexpected(error)); }});
}

void watch(Services& services, const std::shared_ptr<http::Stream>& stream) {
  auto watching = services.desk->directory().watch(
      {.changed =
           [&services, weak = std::weak_ptr(stream)] {
             if (const auto held = weak.lock())
               held->event(api::encode(api::DeviceEvent{.devices = present(services)}));
           },
       .failed =
           [weak = std::weak_ptr(stream)](const Error& error) {
             if (const auto held = weak.lock()) held->fail(error);
           }});
  stream->when_gone([watching = std::move(watching), stream]() mutable {
    watching.reset();
    stream->finish(api::encode(api::Nothing{}));
  });
}

// Signing in is for who is here; so is everything else that a token does, administrators apart.
Result<void> require_here(const Services& services, const http::Call& call) {
  if (call.standing.admin || caller_is_here(services, call)) return {};
  return fail(Code::not_permitted,
              "tokens can be used only at this machine's own seat, and by administrators");
}

std::string device_in(const std::string& id) { return id == any_device ? std::string() : id; }

tokens::Plan plan_for(const std::string& id, std::optional<reader::Request> request) {
  return {.ways = {{.needs = {devices::Capability::fido2, devices::Capability::u2f},
                    .request = std::move(request)}},
          .device = device_in(id)};
}

// What each task is for a security key and for a card; nothing: it is not one of theirs.
std::optional<reader::Fido2Task> key_task(api::DeviceTask task) {
  switch (task) {
    case api::DeviceTask::set_pin:
      return reader::Fido2Task::set_pin;
    case api::DeviceTask::change_pin:
      return reader::Fido2Task::change_pin;
    case api::DeviceTask::reset:
      return reader::Fido2Task::reset;
    case api::DeviceTask::delete_credential:
      return reader::Fido2Task::delete_credential;
    case api::DeviceTask::enroll_fingerprint:
      return reader::Fido2Task::enroll_fingerprint;
    case api::DeviceTask::rename_fingerprint:
      return reader::Fido2Task::rename_fingerprint;
    case api::DeviceTask::delete_fingerprint:
      return reader::Fido2Task::delete_fingerprint;
    case api::DeviceTask::unblock_pin:
    case api::DeviceTask::change_puk:
      return std::nullopt;
  }
  std::unreachable();
}

std::optional<reader::CardTask> card_task(api::DeviceTask task) {
  switch (task) {
    case api::DeviceTask::change_pin:
      return reader::CardTask::change_pin;
    case api::DeviceTask::unblock_pin:
      return reader::CardTask::unblock_pin;
    case api::DeviceTask::change_puk:
      return reader::CardTask::change_puk;
    case api::DeviceTask::reset:
      return reader::CardTask::reset;
    case api::DeviceTask::set_pin:
    case api::DeviceTask::delete_credential:
    case api::DeviceTask::enroll_fingerprint:
    case api::DeviceTask::rename_fingerprint:
    case api::DeviceTask::delete_fingerprint:
      return std::nullopt;
  }
  std::unreachable();
}

Result<tokens::Plan> plan_for(const api::DeviceManage& request) {
  const auto applet = from_name<devices::Capability>(request.applet.value_or("piv"));
  if (applet != devices::Capability::piv && applet != devices::Capability::openpgp)
    return fail(Code::invalid, "applet must be piv or openpgp");
  tokens::Plan plan{.device = device_in(request.id)};
  if (const auto task = key_task(request.task); task && !request.applet) {
    reader::Fido2Manage asked{.task = *task, .id = {}, .name = request.name.value_or("")};
    if (request.item) {
      const Secret id = TRY(formats::hex_decode(*request.item));
      asked.id.assign(id.expose().begin(), id.expose().end());
    }
    plan.ways.push_back({.needs = {devices::Capability::fido2, devices::Capability::u2f},
                         .request = std::move(asked)});
  }
  if (const auto task = card_task(request.task))
    plan.ways.push_back(
        {.needs = {*applet}, .request = reader::CardManage{.task = *task, .applet = *applet}});
  return plan;
}

void manage(Services& services, const http::Call& call, const api::DeviceManage& request,
            std::shared_ptr<http::Stream> stream) {
  if (auto here = require_here(services, call); !here) return stream->fail(here.error());
  auto plan = plan_for(request);
  if (!plan) return stream->fail(plan.error());
  const auto tap = tap_for(services, call, {}, request.seconds, std::move(stream));
  use_tokens(tap, std::move(*plan), [tap](std::expected<tokens::Outcome, tokens::Failed> outcome) {
    if (!outcome) return tap->stream->fail(error_of(outcome.error()));
    tap->stream->finish(
        api::encode(api::DeviceDone{.id = outcome->device.id, .model = outcome->device.model}));
  });
}

void items(Services& services, const http::Call& call, const api::DeviceItems& request,
           std::shared_ptr<http::Stream> stream) {
  if (auto here = require_here(services, call); !here) return stream->fail(here.error());
  const auto tap = tap_for(services, call, {}, request.seconds, std::move(stream));
  use_tokens(
      tap,
      plan_for(request.id, reader::Fido2List{.fingerprints = request.fingerprints.value_or(false)}),
      [tap](std::expected<tokens::Outcome, tokens::Failed> outcome) {
        if (!outcome) return tap->stream->fail(error_of(outcome.error()));
        const auto* listed = std::get_if<reader::Fido2Listed>(&outcome->reply);
        if (listed == nullptr)
          return tap->stream->fail(error_of({.failure = reader::Failure::malformed}));
        api::DeviceItemList list;
        for (const auto& row : listed->rows)
          list.items.push_back(
              {.id = formats::hex_encode(row.id), .name = row.name, .rp_id = row.rp_id});
        tap->stream->finish(api::encode(list));
      });
}

// Opens it, and nothing else: no touch, no PIN.
void info(Services& services, const http::Call& call, const api::DeviceId& request,
          std::shared_ptr<http::Stream> stream) {
  if (auto here = require_here(services, call); !here) return stream->fail(here.error());
  const auto tap = tap_for(services, call, {}, 10, std::move(stream));
  tokens::Plan plan = plan_for(request.id, std::nullopt);
  plan.ways.push_back({.needs = {devices::Capability::piv, devices::Capability::openpgp},
                       .request = reader::CardList{}});
  plan.ways.push_back(tokens::slots_shown());
  use_tokens(tap, std::move(plan), [tap](std::expected<tokens::Outcome, tokens::Failed> outcome) {
    if (!outcome) return tap->stream->fail(error_of(outcome.error()));
    api::DeviceInfo info =
        wire_of(reader::Opened{.device = outcome->device, .fido2 = std::move(outcome->fido2)});
    const auto* listed = std::get_if<reader::CardListed>(&outcome->reply);
    if (outcome->slots) info.slots = slots_view(tap->services, *outcome->slots);
    if (outcome->card)
      info.card = card_view(*outcome->card,
                            listed != nullptr ? listed->keys : std::vector<reader::CardKey>());
    const bool more =
        !info.slots && std::ranges::find(outcome->device.capabilities, devices::Capability::otp) !=
                           outcome->device.capabilities.end();
    if (!more) return tap->stream->finish(api::encode(info));
    // A YubiKey's slots are another interface of the same key.
    tokens::Plan slots{.ways = {tokens::slots_shown()}, .device = outcome->device.id};
    use_tokens(tap, std::move(slots),
               [tap, info = std::move(info)](
                   std::expected<tokens::Outcome, tokens::Failed> second) mutable {
                 if (second && second->slots)
                   info.slots = slots_view(tap->services, *second->slots);
                 tap->stream->finish(api::encode(info));
               });
  });
}

}  // namespace

std::vector<http::Route> device_routes(Services& services) {
  const std::vector<Code> failures = {Code::not_found, Code::exists, Code::timed_out};
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::DeviceList>(
      {.method = Method::get,
       .path = "/v1/devices",
       .privilege = Privilege::anyone,
       .summary = "The tokens that are plugged in",
       .failures = {},
       .handle = [&services](const http::Call&, api::Nothing, auto then) {
         list(services, std::move(then));
       }}));
  rows.push_back(http::make_stream_route<api::Nothing, api::DeviceEvent, api::Nothing>(
      {.method = Method::get,
       .path = "/v1/devices/events",
       .privilege = Privilege::anyone,
       .summary = "Tells each change of what is plugged in, until the caller goes",
       .failures = {},
       .handle = [&services](const http::Call&, api::Nothing,
                             std::shared_ptr<http::Stream> stream) { watch(services, stream); }}));
  rows.push_back(http::make_stream_route<api::DeviceId, api::TapEvent, api::DeviceInfo>(
      {.method = Method::get,
       .path = "/v1/devices/{id}",
       .privilege = Privilege::anyone,
       .summary = "What one token says of itself",
       .failures = failures,
       .handle = [&services](const http::Call& call, const api::DeviceId& request,
                             std::shared_ptr<http::Stream> stream) {
         info(services, call, request, std::move(stream));
       }}));
  rows.push_back(http::make_stream_route<api::DeviceManage, api::TapEvent, api::DeviceDone>(
      {.path = "/v1/devices/{id}/manage",
       .privilege = Privilege::anyone,
       .summary =
           "Sets or changes a token's PIN, resets it, removes what is on it, takes fingerprints",
       .failures = failures,
       .handle = [&services](const http::Call& call, const api::DeviceManage& request,
                             std::shared_ptr<http::Stream> stream) {
         manage(services, call, request, std::move(stream));
       }}));
  rows.push_back(http::make_stream_route<api::DeviceItems, api::TapEvent, api::DeviceItemList>(
      {.path = "/v1/devices/{id}/items",
       .privilege = Privilege::anyone,
       .summary =
           "The discoverable credentials on a token, or its fingerprints; it asks for its PIN",
       .failures = failures,
       .handle = [&services](const http::Call& call, const api::DeviceItems& request,
                             std::shared_ptr<http::Stream> stream) {
         items(services, call, request, std::move(stream));
       }}));
  return rows;
}

}  // namespace countersign::routes
