# SPDX-License-Identifier: Apache-2.0
"""PyJWT's opinion of a receipt: receipt.py JWKS AUDIENCE NOW, the receipt on standard input. Prints the claims, or ends with 1."""
import json
import sys

import jwt

keys, audience, now = sys.argv[1:]
token = sys.stdin.read().strip()
key = next(k for k in jwt.PyJWKSet.from_dict(json.loads(keys)).keys if k.key_id == jwt.get_unverified_header(token)["kid"])
# The demo store's clock may run ahead of this machine's: times are compared by hand.
claims = jwt.decode(token, key.key, algorithms=["ES256"], audience=audience, options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp", "iat", "sub", "jti", "iss"]})
if not claims["iat"] <= int(now) < claims["exp"] <= claims["iat"] + 300:
    sys.exit("its times do not hold")
print(json.dumps(claims))
