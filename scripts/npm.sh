#!/bin/sh
# The front end's packages, exactly as package-lock.json says. Not `npm ci`: that refuses a lock without the binaries of
# other platforms, and npm leaves them out where the registry lacks them. No package's own scripts run.
set -eu
cd "$(dirname "$0")/../widgets"
npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
