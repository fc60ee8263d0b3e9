#!/bin/sh
# credentials.sh FOLDER CONFIG: makes what Redis and its clients must know of each other, at the first start; later only
# what follows from it. The password stays what it is as long as the folder does.
#
#   password   for redis-cli
#   redis.conf CONFIG with the password, and with REDIS_TLS=1 for TLS only (ca.crt, redis.crt and redis.key in /tls)
#   url        for CELERY_BROKER_URL_FILE
#   options    for redis-cli
set -eu
umask 027 # the clients are in the group of whoever runs this
cd "$1"
if ! [ -s password ]; then
    head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > password.new
    mv password.new password
fi
printf 'include %s\nrequirepass %s\n' "$2" "$(cat password)" > redis.conf
if [ "${REDIS_TLS:-}" = 1 ]; then
    printf 'port 0\ntls-port 6379\ntls-auth-clients no\n' >> redis.conf
    printf 'tls-cert-file /tls/redis.crt\ntls-key-file /tls/redis.key\ntls-ca-cert-file /tls/ca.crt\n' >> redis.conf
    printf 'rediss://:%s@redis:6379/0?ssl_ca_certs=/tls/ca.crt\n' "$(cat password)" > url
    printf -- '--tls --cacert /tls/ca.crt\n' > options
else
    printf 'redis://:%s@redis:6379/0\n' "$(cat password)" > url
    : > options
fi
