# shellcheck shell=bash
# Requests to an S3 server, signed by curl. The account is MINIO_ACCESS_KEY and MINIO_SECRET_KEY, or
# that of docker-compose.yaml. The secret goes in by standard input: no list of processes shows it.

# s3_request METHOD URL [CURL ARGUMENT…]: without a body; prints the status, 000 without an answer.
s3_request() {
    local method=$1 url=$2 access=${MINIO_ACCESS_KEY:-minioadmin} secret=${MINIO_SECRET_KEY:-minioadmin}
    shift 2
    printf 'user = "%s:%s"\n' "$access" "$secret" |
        curl -s -m 10 -o /dev/null -w '%{http_code}' -K - --aws-sigv4 aws:amz:us-east-1:s3 -X "$method" "$url" \
            -H 'x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' "$@"
}
