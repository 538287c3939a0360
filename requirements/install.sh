# Install requirements/NAME.txt, or another LOCK, to the letter, in a virtualenv:
#
#     sh requirements/install.sh VENV NAME [LOCK]
#
# pip resolves nothing and builds nothing here: the locks are closed (tests/install reads them), so
# whatever is published later can neither change nor stop an install. A virtualenv counts as whole
# when it holds a stamp; stamps are put away during an install, so that one that breaks off, even by
# a kill, is made anew. A failure ends with one line that says what to do.
set -u
venv=$1 name=$2
lock=${3:-requirements/$name.txt}
stamp=$venv/.$name.stamp
created=''
export LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() {  # the last line of a failure
	echo "$1" >&2
	exit 1
}

log=$(mktemp) || say 'The disk is full, or TMPDIR cannot be written: make room, then type the same again.'
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM

is_new_enough() {
	"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
	if [ -n "${PYTHON:-}" ]; then
		is_new_enough "$PYTHON" || say "$PYTHON is not a Python of 3.11 or newer: name another with  make PYTHON=…"
		return
	fi
	for PYTHON in python3 python3.13 python3.12 python3.11; do
		if is_new_enough "$PYTHON"; then return; fi
	done
	say 'Python 3.11 or newer is needed, and none was found: install one, or name it with  make PYTHON=…'
}

has_ensurepip() {
	"$PYTHON" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# Debian keeps ensurepip in a package of its own. Without it, and without the right to install it,
# that Python's own pip can fill a virtualenv from outside.
make_venv() {
	package=$("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
	if ! has_ensurepip && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "Installing $package"
		{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
			apt-get -qq install -y --no-install-recommends "$package"; } >"$log" 2>&1
	fi
	created=yes
	if has_ensurepip; then
		"$PYTHON" -m venv --clear "$venv" >>"$log" 2>&1 || fail 'Python could not make a virtualenv'
	elif "$PYTHON" -m pip --version >/dev/null 2>&1; then
		"$PYTHON" -m venv --clear --without-pip "$venv" >>"$log" 2>&1 ||
			fail 'Python could not make a virtualenv'
	else
		rm -rf "$venv"
		say "Python cannot make a virtualenv here: type  sudo apt-get install $package"
	fi
}

pip() {
	if "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
		"$venv/bin/python" -m pip "$@" >"$log" 2>&1
	else
		"$PYTHON" -m pip --python "$venv/bin/python" "$@" >"$log" 2>&1
	fi
}

# pip's own errors, then the one line. Where nothing was touched yet, an older virtualenv goes on.
fail() {
	if [ -n "$created" ]; then
		rm -rf "$venv"
	elif ! grep -q '^Installing collected packages' "$log"; then
		put_back
	fi
	grep -E '^ERROR|Error: ' "$log" | tail -n 3 >&2
	wanted=$(sed -n 's/^ERROR: No matching distribution found for \([^ ]*\).*/\1/p' "$log" | tail -n 1)
	if grep -qE 'Errno (28|122)|No space left|quota exceeded' "$log"; then
		say 'The disk is full: make room (about 1 GB), then type the same again.'
	elif grep -qE 'DO NOT MATCH THE HASHES|Hashes are required' "$log"; then
		say "The package index serves another file than $lock locks: type the same again, and if it stays so, use another index (PIP_INDEX_URL)."
	elif grep -qE 'ConnectionError|NameResolution|onnection (refused|reset|broken)|timed out|[Tt]imeout|SSLError|ProxyError|unreachable|Max retries' "$log"; then
		say 'The package index was not reached: check the network (or PIP_INDEX_URL), then type the same again.'
	elif [ -n "$wanted" ] && grep -q 'from versions: none' "$log"; then
		say "The package index was not reached, or does not have $wanted: check the network and which index pip uses (pip config list), then type the same again."
	elif [ -n "$wanted" ]; then
		say "The package index does not have $wanted for this Python: use another index (PIP_INDEX_URL), or another Python (make PYTHON=…)."
	elif grep -qE 'Errno (13|30)|Permission denied|Read-only' "$log"; then
		say "$venv cannot be written: check whose it is, then type the same again."
	fi
	say "$1, for the reason above: mend that, then type the same again."
}

put_away() {
	mkdir -p "$venv/.unfinished" || fail "$venv cannot be written"
	for each in "$venv"/.*.stamp; do
		if [ -e "$each" ]; then mv "$each" "$venv/.unfinished/"; fi
	done
}

put_back() {
	for each in "$venv"/.unfinished/.*.stamp; do
		if [ -e "$each" ]; then mv "$each" "$venv/"; fi
	done
	rmdir "$venv/.unfinished"
}

who() {
	"$1" -c 'import sys; print(sys.version, sys.base_prefix)' 2>/dev/null
}

is_whole() {
	ls "$venv"/.*.stamp >/dev/null 2>&1 && found=$(who "$venv/bin/python") &&
		{ [ -z "$asked" ] || [ "$found" = "$(who "$PYTHON")" ]; }
}

asked=${PYTHON:-}
find_python
if ! is_whole; then make_venv; fi
put_away
echo "Installing $lock in $venv"
pip install --no-deps --require-hashes --only-binary :all: -r "$lock" || fail 'pip failed'
case $name in
dev | demo)  # the project itself, built by what the lock has just brought
	pip install --no-deps --no-index --no-build-isolation -e . || fail 'pip failed'
	;;
esac
put_back
touch "$stamp"
