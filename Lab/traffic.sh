# Sourced in dom0 and by guests (sh):  . /lab/traffic.sh

# arrival_rate DEVICE packets|bytes SECONDS: what came in there, per second.
arrival_rate() {
    local counter=/sys/class/net/$1/statistics/rx_$2 from to start end
    read -r from <$counter
    read -r start _ </proc/uptime
    sleep "$3"
    read -r to <$counter
    read -r end _ </proc/uptime
    awk -v n=$((to - from)) -v start="$start" -v end="$end" 'BEGIN { printf "%d\n", n / (end - start) }'
}
