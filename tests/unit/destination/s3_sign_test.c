/* Signature Version 4 against the examples that AWS publishes: those of the Amazon S3 API reference
 * ("Signature Calculations for the Authorization Header") and of the aws4_testsuite. */
#include "../test.h"

#include "destination/s3/sign.h"

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

typedef struct Vector {
    const char *name, *method, *path, *query, *host, *payload_hash;
    HttpHeader headers[6];
    const char *signed_names, *signature;
} Vector;

static const Vector S3_EXAMPLES[] = {
    {"get object",
     "GET",
     "/test.txt",
     "",
     "examplebucket.s3.amazonaws.com",
     EMPTY_HASH,
     {{"Range", "bytes=0-9"},
      {"x-amz-content-sha256", EMPTY_HASH},
      {"x-amz-date", "20130524T000000Z"}},
     "host;range;x-amz-content-sha256;x-amz-date",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {"put object",
     "PUT",
     "/test%24file.text",
     "",
     "examplebucket.s3.amazonaws.com",
     "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
     {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
      {"x-amz-date", "20130524T000000Z"},
      {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
      {"x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}},
     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
    {"lifecycle",
     "GET",
     "/",
     "lifecycle=",
     "examplebucket.s3.amazonaws.com",
     EMPTY_HASH,
     {{"x-amz-date", "20130524T000000Z"}, {"x-amz-content-sha256", EMPTY_HASH}},
     "host;x-amz-content-sha256;x-amz-date",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {"list objects",
     "GET",
     "/",
     "max-keys=2&prefix=J",
     "examplebucket.s3.amazonaws.com",
     EMPTY_HASH,
     {{"x-amz-date", "20130524T000000Z"}, {"x-amz-content-sha256", EMPTY_HASH}},
     "host;x-amz-content-sha256;x-amz-date",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

static const Vector SUITE[] = {
    {"get-vanilla",
     "GET",
     "/",
     "",
     "example.amazonaws.com",
     EMPTY_HASH,
     {{"X-Amz-Date", "20150830T123600Z"}},
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/",
     "Param1=value1&Param2=value2",
     "example.amazonaws.com",
     EMPTY_HASH,
     {{"X-Amz-Date", "20150830T123600Z"}},
     "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-unreserved",
     "GET",
     "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     "",
     "example.amazonaws.com",
     EMPTY_HASH,
     {{"X-Amz-Date", "20150830T123600Z"}},
     "host;x-amz-date",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "GET",
     "/%E1%88%B4",
     "",
     "example.amazonaws.com",
     EMPTY_HASH,
     {{"X-Amz-Date", "20150830T123600Z"}},
     "host;x-amz-date",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"post-vanilla",
     "POST",
     "/",
     "",
     "example.amazonaws.com",
     EMPTY_HASH,
     {{"X-Amz-Date", "20150830T123600Z"}},
     "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-header-key-sort",
     "POST",
     "/",
     "",
     "example.amazonaws.com",
     EMPTY_HASH,
     {{"My-Header1", "value1"}, {"X-Amz-Date", "20150830T123600Z"}},
     "host;my-header1;x-amz-date",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"get-header-value-trim",
     "GET",
     "/",
     "",
     "example.amazonaws.com",
     EMPTY_HASH,
     {{"My-Header1", " value1"},
      {"My-Header2", " \"a   b   c\""},
      {"X-Amz-Date", "20150830T123600Z"}},
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
};

static void
check(const Vector *vector, const char *timestamp, const char *service, const char *access_key,
      const char *secret_key)
{
    Buffer got = {0};
    char want[512];
    size_t n_headers = 0;

    while (n_headers < ARRAY_LENGTH(vector->headers) && vector->headers[n_headers].name != NULL)
        n_headers++;
    sign_request(
        &(SignInput){
            .method = vector->method,
            .path = vector->path,
            .query = vector->query,
            .host = vector->host,
            .headers = vector->headers,
            .n_headers = n_headers,
            .payload_hash = vector->payload_hash,
            .timestamp = timestamp,
            .region = "us-east-1",
            .service = service,
            .access_key = access_key,
            .secret_key = {secret_key},
        },
        &got);
    snprintf(want, sizeof(want),
             "AWS4-HMAC-SHA256 Credential=%s/%.8s/us-east-1/%s/aws4_request, SignedHeaders=%s, "
             "Signature=%s",
             access_key, timestamp, service, vector->signed_names, vector->signature);
    if (strcmp(buffer_text(&got), want) != 0)
        fail_msg("%s:\n%s\n%s", vector->name, buffer_text(&got), want);
    buffer_release(&got);
}

static void
test_examples_of_s3(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(S3_EXAMPLES); i++)
        check(&S3_EXAMPLES[i], "20130524T000000Z", "s3", "AKIAIOSFODNN7EXAMPLE",
              "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
}

static void
test_suite(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(SUITE); i++)
        check(&SUITE[i], "20150830T123600Z", "service", "AKIDEXAMPLE",
              "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
}

static void
test_timestamp(void **state)
{
    char text[SIGN_TIME_BYTES];

    (void)state;
    sign_timestamp(1369353600000000, text);
    assert_string_equal(text, "20130524T000000Z");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples_of_s3),
        cmocka_unit_test(test_suite),
        cmocka_unit_test(test_timestamp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
