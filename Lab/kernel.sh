# Sourced by build: the kernel of the machine. It is the package that linux-image-amd64 stands for, packages that --deb
# names, or a build: a bzImage and what `make modules_install` made of it.
#
# $kernel is its file, $release its name, and its modules with their indices are in $root/lib/modules/$release.

debs=() kernel='' modules='' release='' root=''

# What the machine cannot do without, and what a kernel's configuration calls it.
declare -A needed=(
    [xen-evtchn]=XEN_DEV_EVTCHN [xen-gntdev]=XEN_GNTDEV [xen-gntalloc]=XEN_GRANT_DEV_ALLOC
    [xen-privcmd]=XEN_PRIVCMD [xenfs]=XENFS [xen-netback]=XEN_NETDEV_BACKEND [xen-netfront]=XEN_NETDEV_FRONTEND
    [nvme]=BLK_DEV_NVME [virtio_pci]=VIRTIO_PCI [virtio_console]=VIRTIO_CONSOLE
)
# What some jobs use; a kernel may do without.
useful=(xen-blkback tun tap bridge veth dummy sch_netem sch_ingress cls_bpf cls_u32 act_mirred)
of_guest=(xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs xen-netfront)

# check_kernel: whether what was asked for goes together and is there.
check_kernel() {
    local file
    [ ${#debs[@]} -eq 0 ] || [ -z "$kernel$modules" ] || usage "--deb stands alone: a package has a kernel and its modules"
    [ -n "$kernel" ] || [ -z "$modules" ] || usage "--modules goes with --kernel"
    [ -z "$kernel" ] || [ -n "$modules" ] || usage "--kernel goes with --modules: the folder of that kernel's \`make modules_install\`"
    for file in "${debs[@]}" ${kernel:+"$kernel"}; do [ -f "$file" ] || fail "$file: no such file"; done
    for file in "${debs[@]}"; do [ "$(head -c 7 "$file")" = '!<arch>' ] || bad "$file: not a Debian package"; done
    if [ -n "$kernel" ]; then
        read_release
        find_modules
    fi
}

# read_release: which Linux $kernel is. The header of a bzImage says where the words are.
read_release() {
    local place
    [ "$(od -An -c -j 514 -N 4 "$kernel" 2>/dev/null | tr -d ' \n')" = HdrS ] ||
        bad "$kernel: not a bzImage (a build has one in arch/x86/boot, Debian has /boot/vmlinuz-*)"
    place=$(od -An -tu2 -j 526 -N 2 "$kernel")
    IFS=' ' read -r -d '' release _ < <(dd if="$kernel" bs=1 skip=$((place + 512)) count=256 2>/dev/null) || true
    [[ $release =~ ^[A-Za-z0-9._+~-]+$ ]] || bad "$kernel: its header does not say which Linux it is"
}

# find_modules: of a build. DIR is what INSTALL_MOD_PATH was, or the folder lib/modules/RELEASE in it.
find_modules() {
    local place
    for place in "$modules" "$modules/../../.."; do
        [ -e "$place/lib/modules/$release/modules.dep.bin" ] || continue
        root=$(realpath "$place")
        return
    done
    bad "$modules: no lib/modules/$release/modules.dep.bin; \`make modules_install INSTALL_MOD_PATH=$modules\` of that kernel makes it"
}

# unpack_kernel FOLDER: of packages.
unpack_kernel() {
    local deb
    for deb in "${debs[@]}"; do dpkg -x "$deb" "$1"; done
    kernel=$(find "$1/boot" -name 'vmlinuz-*' 2>/dev/null | sort | tail -n 1)
    [ -n "$kernel" ] || bad "${debs[*]}: no kernel in it; linux-image-VERSION-amd64 has one, linux-image-amd64 only names one"
    read_release
    for root in "$1" "$1/usr"; do
        [ -d "$root/lib/modules/$release" ] || continue
        depmod -b "$root" "$release"
        return
    done
    bad "${debs[*]}: no modules of Linux $release in it; name their package, too, with another --deb"
}

# module_files MODULE...: their files and those of what they need, in lib/modules/$release; none of what is built in.
# Fails where the kernel lacks one.
module_files() {
    local module code=0
    for module; do
        modprobe -d "$root" -S "$release" --show-depends "$module" 2>/dev/null |
            sed -n "s|^insmod .*/lib/modules/$release/\([^ ]*\).*|\1|p" || code=1
    done
    return $code
}

check_modules() {
    local module lacks=()
    for module in "${!needed[@]}"; do
        module_files "$module" >/dev/null || lacks+=("CONFIG_${needed[$module]}")
    done
    [ ${#lacks[@]} -eq 0 ] || bad "Linux $release lacks what the machine takes: $(printf '%s\n' "${lacks[@]}" | sort | paste -sd' ')"
}

# kernel_key: tells kernels apart by what is in them; nothing for the packaged one, whose version tells it.
kernel_key() {
    if [ ${#debs[@]} -gt 0 ]; then
        cat "${debs[@]}" | sha256sum | cut -c1-16
    elif [ -n "$kernel" ]; then
        {
            sha256sum <"$kernel"
            cd "$root/lib/modules/$release"
            { module_files "${!needed[@]}" "${useful[@]}" || true; } | sort -u | xargs -r -d '\n' sha256sum
        } | sha256sum | cut -c1-16
    fi
}

# install_modules FOLDER MODULE...: with what they need, unpacked, for the machine's modprobe is a plain one.
install_modules() {
    local to=$1 from=$root/lib/modules/$release file
    shift
    mkdir -p "$to/lib/modules/$release"
    { module_files "$@" || true; } | sort -u | while read -r file; do
        mkdir -p "$(dirname "$to/lib/modules/$release/$file")"
        unpack_module "$from/$file" >"$to/lib/modules/$release/${file%.ko*}.ko" || fail "$from/$file cannot be unpacked"
    done
    for file in modules.order modules.builtin modules.builtin.modinfo; do
        [ ! -e "$from/$file" ] || cp "$from/$file" "$to/lib/modules/$release/"
    done
    depmod -b "$to" "$release"
}
unpack_module() {
    case $1 in
    *.xz) xz -dc "$1" ;;
    *.zst) zstd -qdc "$1" ;;
    *.gz) gzip -dc "$1" ;;
    *) cat "$1" ;;
    esac
}
