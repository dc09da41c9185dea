#!/bin/sh
# Makes FOLDER/bin/python: Python for Arm (Debian's, for arm64), run by qemu on another processor.
#
#     sh tests/arm/environment.sh FOLDER PIP        # PIP: a command, such as ".venv/bin/python -m pip"
#
# Nothing is installed and root is not needed. apt gets a configuration and folders of its own in FOLDER:
# `dpkg --add-architecture arm64` would change the machine for all its users. It downloads the packages of Python for
# arm64 and qemu for this machine, which are only unpacked; pip downloads the wheels for arm64.
set -eu

give_up() {
    echo "make check-arm is left out: $1" >&2
    exit 2
}

mkdir -p "$1"
folder=$(cd "$1" && pwd)
pip=$2
for program in apt-get dpkg-deb; do
    command -v "$program" > /dev/null || give_up "it needs Debian's $program"
done
here=$(dpkg --print-architecture)
[ "$here" != arm64 ] || give_up "this processor is an Arm: make test runs the same tests on it"

mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/root" "$folder/bin"
: > "$folder/apt/status" # no package is installed, so apt downloads all that Python needs
cat > "$folder/apt/apt.conf" << END
APT::Architecture "arm64";
APT::Architectures { "arm64"; "$here"; };
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Dir::State "$folder/apt";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt";
END
export APT_CONFIG="$folder/apt/apt.conf"
apt-get -qq update > "$folder/apt/log" 2>&1 || true # a source without arm64 does no harm; what is missing is said below
qemu="qemu-user-static:$here"
if apt-cache depends "$qemu" 2> /dev/null | grep -q 'qemu-user$'; then qemu="$qemu qemu-user:$here"; fi # since Debian 13
# shellcheck disable=SC2086  # two words, or one
apt-get -qq --yes --download-only install python3 libstdc++6 $qemu >> "$folder/apt/log" 2>&1 ||
    give_up "Debian's packages of Python for arm64 and qemu could not be fetched; $1/apt/log says why"
unset APT_CONFIG
for package in "$folder"/apt/archives/*.deb; do
    dpkg-deb --extract "$package" "$folder/root"
done
[ -e "$folder/root/lib" ] || ln -s usr/lib "$folder/root/lib" # since Debian 13; base-files, left out, has it
find "$folder/root/usr/bin" -name 'qemu-*' ! -name qemu-aarch64 ! -name qemu-aarch64-static -delete # 300 MB for other processors
rm -r "$folder/apt"

python=$(basename "$(readlink "$folder/root/usr/bin/python3")") # python3.11
# Wheels say for which C library they are: all that Debian's is new enough for.
platforms=$(for minor in $(seq 17 36); do echo "--platform manylinux_2_${minor}_aarch64"; done)
# shellcheck disable=SC2086  # these are several words
$pip install --quiet --disable-pip-version-check --only-binary :all: --platform manylinux2014_aarch64 $platforms \
    --python-version "${python#python}" --target "$folder/packages" --upgrade -r requirements.txt ||
    give_up "pip could not fetch the wheels for arm64"

# -0 makes this script Python's sys.executable, so that tests can start Python again.
cat > "$folder/bin/python" << END
#!/bin/sh
root="$folder/root"
export PYTHONHOME="\$root/usr" PYTHONPATH="$folder/packages\${PYTHONPATH:+:\$PYTHONPATH}"
export NUMBA_CACHE_DIR="\${NUMBA_CACHE_DIR:-$folder/compiled}"
exec "\$root/usr/bin/qemu-aarch64-static" -cpu max,sve=off -L "\$root" -0 "\$0" "\$root/usr/bin/$python" "\$@"
END
chmod +x "$folder/bin/python"
