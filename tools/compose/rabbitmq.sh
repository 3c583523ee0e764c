#!/bin/bash
# Starts the broker with the users of docker-compose.yml and no others: one per process with the least rights, and the
# owner, with which `migrate` makes the queues. The rights are those of tools/services/broker-users.mjs; a test compares them.
set -euo pipefail

folder="${CONFIGURATION_FOLDER:-/etc/rabbitmq}"
nothing='^$'
work='^[^.]+[.]work$'
after_work='^([^.]+[.]dead|amq[.]default)$'
work_and_after='^([^.]+[.](work|dead)|amq[.]default)$'

user() { printf '{"name":"%s","password":"%s","tags":[]}' "$1" "$2"; }
may() { printf '{"user":"%s","vhost":"ashchat","configure":"%s","write":"%s","read":"%s"}' "$@"; }
reads() { printf '^[^.]+[.]%s_QUEUE$' "$1"; }

umask 077
cat > "$folder/definitions.json" <<DEFINITIONS
{
  "vhosts": [{"name":"ashchat"}],
  "users": [
    $(user ashchat "$OWNER_PASSWORD"),
    $(user ashchat-web "$WEB_PASSWORD"),
    $(user ashchat-realtime "$REALTIME_PASSWORD"),
    $(user ashchat-email-verification "$EMAIL_VERIFICATION_PASSWORD"),
    $(user ashchat-translation "$TRANSLATION_PASSWORD"),
    $(user ashchat-profiles "$PROFILES_PASSWORD")
  ],
  "permissions": [
    $(may ashchat '.*' '.*' '.*'),
    $(may ashchat-web "$nothing" "$work" "$nothing"),
    $(may ashchat-realtime "$nothing" "$work" "$nothing"),
    $(may ashchat-email-verification "$nothing" "$after_work" "$(reads '(ACCOUNT_CREATION|CONFIRM_EMAIL_CODE)')"),
    $(may ashchat-translation "$nothing" "$work_and_after" "$(reads TRANSLATION)"),
    $(may ashchat-profiles "$nothing" "$after_work" "$(reads PROFILE_CREATION)")
  ]
}
DEFINITIONS
mkdir -p "$folder/conf.d"
echo "load_definitions = $folder/definitions.json" > "$folder/conf.d/90-definitions.conf"
if [ "$(id -u)" = 0 ] && id rabbitmq > /dev/null 2>&1; then
  chown rabbitmq "$folder/definitions.json" "$folder/conf.d/90-definitions.conf"
fi
exec docker-entrypoint.sh rabbitmq-server
