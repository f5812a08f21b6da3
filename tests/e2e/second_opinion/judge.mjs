// SPDX-License-Identifier: Apache-2.0
// Judges ceremonies with @simplewebauthn/server. Usage: judge.mjs MODULES FILE   MODULES: the folder that holds node_modules.
// FILE: [{rpId, origin, userVerification, registration: {challenge, response}, authentication: {challenge, response}}], the responses as
// PublicKeyCredential.toJSON gives them. Prints [{registration, authentication}]: "accepted", or why not. An authentication is judged
// with the credential of its registration, and not at all where that was refused.
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join, resolve} from "node:path";

const [, , modules, file] = process.argv;
const {verifyRegistrationResponse, verifyAuthenticationResponse} = createRequire(join(resolve(modules), "judge.js"))("@simplewebauthn/server");

async function judge(verify, options) {
  try {
    const judged = await verify(options);
    return {result: judged.verified ? "accepted" : "not verified", judged};
  } catch (error) {
    return {result: String(error.message || error.name)};
  }
}

const results = [];
for (const {rpId, origin, userVerification, registration, authentication} of JSON.parse(readFileSync(file, "utf8"))) {
  const expected = {expectedOrigin: origin, expectedRPID: rpId, requireUserVerification: userVerification === "required"};
  const registered = await judge(verifyRegistrationResponse, {...expected, expectedChallenge: registration.challenge, response: registration.response});
  const said = {registration: registered.result};
  if (registered.result === "accepted")
    said.authentication = (await judge(verifyAuthenticationResponse, {...expected, expectedChallenge: authentication.challenge,
      response: authentication.response, authenticator: registered.judged.registrationInfo})).result;
  results.push(said);
}
console.log(JSON.stringify(results));
