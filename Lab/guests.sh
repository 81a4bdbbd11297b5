# Sourced by jobs that have guests do things, behind lib.sh:  . /lab/guests.sh   (bash)
#
# A guest does what is written into data/job, line by line, and writes how that ended into data/done. It sleeps until
# something is written: guests that look every 0.1 s take two thirds of the machine.

# guest_prepare FOLDER: makes a folder for guest_begin, of a guest that does what it is asked.
guest_prepare() {
    mkdir -p "$1/guest" "$1/lab"
    cp /lab/lib.sh "$1/lab/"
    cat >"$1/guest/job" <<'END'
#!/bin/sh
n=0
# A line for every change, the first one at once.
xenstore-watch data/job | while read -r _; do
    job=$(xenstore-read data/job 2>/dev/null) || job=
    case $job in
    "$n "*)
        eval "${job#* }" >/answer 2>&1 </dev/null
        code=$?
        xenstore-write data/done "$n $code $(tail -n 1 /answer)"
        n=$((n + 1))
        ;;
    esac
done
END
    chmod +x "$1/guest/job"
    guest_add_program "$1" ethtool xenstore-read xenstore-watch xenstore-write
}

declare -A home asked
# guest_begin NAME N VCPUS FOLDER: starts a guest; its queues are as many as its processors. Ends when its vif is connected.
guest_begin() {
    GUEST_VCPUS=$3 guest_start "$1" "$2" "$4"
    home[$1]=/local/domain/$guest_domain asked[$1]=0
    guest_wait_ready "$1"
    wait_key 60 "/local/domain/0/backend/vif/$guest_domain/0/state" 4 || die "the vif of $1 does not connect"
}

# ask NAME COMMAND: has a guest begin. The command is one line: xenstore-read would write the end of a line as \n.
# answer NAME [SECONDS]: waits for its end; $answer is the last line it printed.
ask() { xenstore-write "${home[$1]}/data/job" "${asked[$1]} $2"; }
is_answered() { case $(xenstore-read "${home[$1]}/data/done") in "${asked[$1]} "*) ;; *) return 1 ;; esac; }
answer() {
    pause=1 wait_for "${2:-300}" is_answered "$1" || die "$1 does not answer"
    answer=$(xenstore-read "${home[$1]}/data/done")
    asked[$1]=$((asked[$1] + 1))
    case $answer in *" 0 "*) answer=${answer#* 0 } ;; *) die "$1: $answer" ;; esac
}
# tell NAME COMMAND: both.
tell() {
    ask "$@"
    answer "$1"
}
