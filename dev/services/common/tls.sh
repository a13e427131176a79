# shellcheck shell=bash
# Certificates for the servers that speak TLS, made once per services folder, in its folder tls/:
#   ca.pem                            trust this
#   server-cert.pem, server-key.pem   for localhost and 127.0.0.1, and for no other name
#   client-cert.pem, client-key.pem   signed by the same, for logins that ask for one
#   other-ca.pem                      a stranger: nothing here is signed by it

tls_folder() { printf '%s/tls\n' "$(services_home)"; }

# tls_authority FOLDER NAME COMMON-NAME
tls_authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj "/CN=$3" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout "$1/$2-key.pem" -out "$1/$2.pem" 2>&1
}

# tls_certificate FOLDER NAME COMMON-NAME EXTENSION…
tls_certificate() {
    local folder=$1 name=$2 common=$3
    shift 3
    openssl req -newkey rsa:2048 -nodes -sha256 -subj "/CN=$common" \
        -keyout "$folder/$name-key.pem" -out "$folder/$name.csr" 2>&1
    printf '%s\n' basicConstraints=critical,CA:FALSE "$@" >"$folder/$name.ext"
    openssl x509 -req -sha256 -days 3650 -in "$folder/$name.csr" -extfile "$folder/$name.ext" \
        -CA "$folder/ca.pem" -CAkey "$folder/ca-key.pem" -CAcreateserial \
        -out "$folder/$name-cert.pem" 2>&1
    rm -f "$folder/$name.csr" "$folder/$name.ext"
}

# Make sure that the certificates exist and are valid for another day; print their folder. They
# appear all at once, by the renaming of a finished folder.
ensure_certificates() {
    local folder fresh
    ensure_services_home >/dev/null
    folder=$(tls_folder)
    if ! openssl x509 -checkend 86400 -noout -in "$folder/server-cert.pem" >/dev/null 2>&1; then
        say "making certificates in $folder"
        fresh=$folder.new
        rm -rf "$fresh" "$folder"
        mkdir "$fresh"
        {
            tls_authority "$fresh" ca "rivet development authority" &&
                tls_authority "$fresh" other-ca "another authority" &&
                tls_certificate "$fresh" server localhost extendedKeyUsage=serverAuth \
                    subjectAltName=DNS:localhost,IP:127.0.0.1 &&
                tls_certificate "$fresh" client rivet extendedKeyUsage=clientAuth
        } >"$fresh/log" || die "openssl failed, see $fresh/log"
        chmod 600 "$fresh"/*-key.pem
        give_to_service_user "$fresh/server-key.pem"
        mv "$fresh" "$folder"
    fi
    printf '%s\n' "$folder"
}
