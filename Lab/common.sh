# Sourced by build, run and shell, on the host. (lib.sh is for jobs, inside the machine.)

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$lab")
cache=${RINGSIDE_LAB_CACHE:-$repository/.build/lab}

# The same codes as the ringside command: 2 = a file is not what it should be, 3 = this machine lacks something, 4 = the
# environment failed, 64 = usage.
bad()   { echo "lab: $*" >&2; exit 2; }
skip()  { echo "lab: skipped: $*" >&2; exit 3; }
fail()  { echo "lab: $*" >&2; exit 4; }
usage() { echo "lab: $*" >&2; exit 64; }

# Copies a program or library and every library it needs to the same paths below a folder, so that neither
# a run path nor the loader's cache has to be right inside the machine. $ORIGIN cannot be kept for a program
# that moves to /usr/local/bin; the folders of all libraries therefore go into LD_LIBRARY_PATH (see run).
copy_libraries() { # ROOT FILE...
    local root=$1 file path listing
    shift
    for file; do
        # A static program makes ldd fail; it needs nothing.
        listing=$(ldd "$file" 2>/dev/null) || continue
        if grep -q 'not found' <<<"$listing"; then
            fail "$file needs libraries that this machine lacks: $(awk '/not found/ {print $1}' <<<"$listing" | paste -sd' ')"
        fi
        while read -r path; do
            [ -e "$root$path" ] && continue
            mkdir -p "$root$(dirname "$path")"
            cp -L "$path" "$root$path"
        done < <(awk '$2 == "=>" {print $3} $1 ~ /^\// {print $1}' <<<"$listing" | sort -u)
    done
}
