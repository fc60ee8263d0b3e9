#!/bin/sh
# upgrade.sh OPTIONS: from the parts that run to those of this tree, one kind after another; as many of each as before.
#
#   sh docker/upgrade.sh --env-file .env --file docker/compose.yaml
#
# OPTIONS are those of `docker compose` with which the parts were started. Workers first, since they read the records of
# earlier versions; then beat; the web tier, which writes new ones, last. Calls are accepted meanwhile but for the moment
# in which a web process is exchanged (none, where there are two behind compose.proxy.yaml).
set -eu

count() {
    docker compose "$@" ps --quiet "$part" | wc -l | tr -d ' '
}

exchange() {
    docker compose "$@" up --detach --wait --no-deps --no-build --scale "$part=$many" "$part"
}

part=worker
workers=$(count "$@")
part=beat
beats=$(count "$@")
part=web
webs=$(count "$@")
if [ "$workers" = 0 ] || [ "$webs" = 0 ]; then
    echo "Nothing changed: no worker or no web process runs here with these options. Start them with up instead." >&2
    exit 1
fi

before=$(docker compose "$@" exec -T worker python -m worker.admin version 2>/dev/null) ||
    before="an older version, records unknown"
docker compose "$@" build web worker
after=$(docker compose "$@" run --rm --no-deps -T --entrypoint python worker -m worker.admin version)
echo "from $before to $after: $workers workers, $beats beats, $webs web processes"

part=worker many=$workers
exchange "$@"
part=beat many=$beats
exchange "$@"
part=web many=$webs
exchange "$@"

docker compose "$@" exec -T worker python -m worker.admin check || true
if [ "${before##* }" = "${after##* }" ]; then
    echo "You may go back: both versions read each other's records. Check the earlier tree out, and run this again."
else
    echo "Go back only if you must: what was accepted by now waits until you go forward again."
    echo "Under Upgrade in docs/operating.md stands what that is about."
fi
