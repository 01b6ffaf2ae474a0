//! Published signatures: RFC 7515 A.2 and A.3, RFC 8037 A.4, each with a broken neighbour.

use serde_json::json;

use super::super::testing::*;
use super::*;

/// The example of RFC 7515 A.2 (RS256) and A.3 (ES256) share this payload.
const RFC7515_PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                               cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn vector(alg: Algorithm, jwk: Value, token: &str) {
    let keys = KeySet::parse(&key_set(&[jwk])).unwrap();
    assert_eq!(keys.ignored(), []);
    assert_eq!(signature(split(token).unwrap(), alg, &keys), Ok(()));
    let broken = token.replace(".eyJ", ".eyK").replace(".RXh", ".RXi");
    assert_ne!(broken, token);
    assert!(signature(split(&broken).unwrap(), alg, &keys).is_err());
}

#[test]
fn rfc_7515_a_2_holds() {
    let jwk = json!({"kty": "RSA", "e": "AQAB", "n": concat!(
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx",
        "HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs",
        "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH",
        "SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV",
        "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8",
        "NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ")});
    let signature = concat!(
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZ",
        "mh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjb",
        "KBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl",
        "b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZES",
        "c6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AX",
        "LIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    vector(Algorithm::Rs256, jwk, &format!("eyJhbGciOiJSUzI1NiJ9.{RFC7515_PAYLOAD}.{signature}"));
}

#[test]
fn rfc_7515_a_3_holds() {
    let jwk = json!({"kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA\
                     pmWQxfKTUJqPP3-Kg6NU1Q";
    vector(Algorithm::Es256, jwk, &format!("eyJhbGciOiJFUzI1NiJ9.{RFC7515_PAYLOAD}.{signature}"));
}

#[test]
fn rfc_8037_a_4_holds() {
    let jwk = json!({"kty": "OKP", "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
                 hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_\
                 MuM0KAg";
    vector(Algorithm::EdDsa, jwk, token);
}
