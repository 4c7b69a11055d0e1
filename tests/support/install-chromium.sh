#!/bin/sh
# The browser tests drive Debian's Chromium. Install it where it is missing and that is possible;
# where it is not, say so and go on: those tests are then skipped with the same reason.
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the browser tests ..."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "No chromium here and it can't be installed (that takes root and apt-get): the browser tests will be skipped." >&2
exit 0
