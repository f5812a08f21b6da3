// SPDX-License-Identifier: Apache-2.0
// How many codes may be sent to whom: a bound on what bombing somebody's phone can do, and on what
// it can cost (T40). Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/authenticator.h"
#include "core/base/clock.h"

namespace countersign {

// Calling codes (ITU-T E.164) of one to four digits that a number may begin with, without the plus:
// "49", "1", "1809".
[[nodiscard]] std::optional<std::string> country_of(std::string_view phone,
                                                    const std::vector<std::string>& allowed);

struct SendLimit {
  int per_hour = 0;
  int per_day = 0;
  bool operator==(const SendLimit&) const = default;
};

struct SendRules {
  SendLimit user{5, 15};
  SendLimit recipient{5, 15};    // one number or address, whoever's it is
  SendLimit country{500, 5000};  // SMS alone
  SendLimit site{1000, 10'000};  // SMS alone: what a day can cost
  SendLimit site_email{5000, 50'000};
  Milliseconds between{20'000};        // two sends to one recipient
  std::vector<std::string> countries;  // allowed; none: no SMS is sent anywhere
  bool operator==(const SendRules&) const = default;
};

// What is counted against. user, recipient: anything that tells them apart.
struct Sending {
  Kind kind = Kind::sms;
  std::string user, recipient, country;
};

// One thread at a time. What happened in the last day, not more.
class SendBudget {
 public:
  // Which limit is used up, and when it opens; nothing: it may be sent.
  struct Refusal {
    std::string_view limit;  // "user", "recipient", "country", "site", "pause"
    Time opens{};
    bool operator==(const Refusal&) const = default;
  };
  [[nodiscard]] std::optional<Refusal> refuses(const Sending& sending, const SendRules& rules,
                                               Time now) const;
  void count(const Sending& sending, Time now);

 private:
  [[nodiscard]] std::vector<std::pair<std::string, SendLimit>> keys_of(
      const Sending& sending, const SendRules& rules) const;
  void drop_old(Time now);
  std::map<std::string, std::deque<Time>, std::less<>> sent_;
  Time swept_{};
};

}  // namespace countersign
