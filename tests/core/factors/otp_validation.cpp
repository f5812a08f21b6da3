// SPDX-License-Identifier: Apache-2.0
#include "core/factors/otp_validation.h"

#include <boost/test/unit_test.hpp>

#include "core/encoding/base64.h"

using namespace countersign;
using otp_validation::Said;

namespace {

// Key, OTP and nonce of the example in the protocol's description; the signatures were made by
// Python's hmac.
struct Example {
  otp_validation::Service service{
      .client = 1, .key = formats::base64_decode("mG5be6ZJU1qBGz24yPh/ESM3UdU=").value()};
  otp_validation::Question question{.otp = "vvungrrdhvtklknvrtvuvbbkeidikkvgglrvdgrfcdft",
                                    .nonce = "jrFwbaYFhn0HoxZIsd9LQ6w2ceU"};
  std::string good =
      "h=Lr8jWp2nanhKtlEsEIHN1YsxrcY=\r\nt=2010-04-26T20:34:50Z0678\r\notp="
      "vvungrrdhvtklknvrtvuvbbkeidikkvgglrvdgrfcdft\r\nnonce=jrFwbaYFhn0HoxZIsd9LQ6w2ceU\r\n"
      "sl=100\r\ntimestamp=7\r\nsessioncounter=12\r\nsessionuse=7\r\nstatus=OK\r\n\r\n";

  [[nodiscard]] Said said(const std::string& answer) const {
    return judge(service, question, answer).said;
  }
  [[nodiscard]] std::string with(const std::string& part, const std::string& other) const {
    std::string text = good;
    const auto at = text.find(part);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, part.size(), other);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(otp_validations, Example)

BOOST_AUTO_TEST_CASE(the_question_is_signed) {
  BOOST_TEST(
      query_text(service, question) ==
      "id=1&nonce=jrFwbaYFhn0HoxZIsd9LQ6w2ceU&otp=vvungrrdhvtklknvrtvuvbbkeidikkvgglrvdgrfcdft&"
      "timestamp=1&h=P1Jx5Ku3dB5%2BVQrZG9ugw65Yts8%3D");
}

BOOST_AUTO_TEST_CASE(a_good_answer_tells_the_counters) {
  const auto answer = judge(service, question, good);
  BOOST_TEST((answer.said == Said::accepted));
  BOOST_TEST(answer.counter == 12 * 256 + 7);
}

BOOST_AUTO_TEST_CASE(each_change_makes_it_no_answer) {
  for (const auto& [part, other] : std::vector<std::pair<std::string, std::string>>{
           {"h=Lr8j", "h=Lr8k"},
           {"h=Lr8jWp2nanhKtlEsEIHN1YsxrcY=\r\n", ""},
           {"h=Lr8jWp2nanhKtlEsEIHN1YsxrcY=", "h="},
           {"sessioncounter=12", "sessioncounter=13"},
           {"sessionuse=7\r\n", ""},
           {"status=OK\r\n", ""},
           {"status=OK\r\n", "status=OK\r\nstatus=OK\r\n"},
           {"sl=100", "sl=0"},
           {"t=2010", "t=2011"}})
    BOOST_TEST((said(with(part, other)) == Said::nothing), part << " as " << other);
  BOOST_TEST((said("") == Said::nothing));
  BOOST_TEST((said(good + std::string(5000, '\n')) == Said::nothing));
}

// Signed rightly, but for another question.
BOOST_AUTO_TEST_CASE(T23_an_answer_to_another_question_is_none) {
  question.nonce = "0123456789abcdef0123456789abcdef";
  BOOST_TEST((said(good) == Said::nothing));
}

BOOST_AUTO_TEST_CASE(T26_an_answer_about_another_otp_is_none) {
  question.otp.back() = 'c';
  BOOST_TEST((said(good) == Said::nothing));
}

BOOST_AUTO_TEST_CASE(another_client_does_not_hold) {
  service.key = Secret("another key, of twenty");
  BOOST_TEST((said(good) == Said::nothing));
}

BOOST_AUTO_TEST_SUITE_END()
