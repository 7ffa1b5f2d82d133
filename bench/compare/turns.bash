# What the comparisons share, to be sourced: arguments, namespaces and processes that go when the script ends however it ends,
# waiting for a program, medians. The script that sources this has set `here`, `known`, `title` and its defaults `rounds` and `seconds`, and defines `usage`.

exe=${SOFTSWITCH_EXE:-} before='' systems=("${known[@]}")
declare -a own=() notes=()
temp='' id="cmp$$" bridge_nf_before='' self=${0##*/} spaces=(a b s)

say() { printf '%s\n' "$*" >&2; }
mistake() { say "$self: $*"; exit 2; }
obstacle() { say "$self: $*"; exit 1; }

# --- processes and namespaces of our own ---------------------------------------------------------------------------

# Runs a command in a namespace of ours, in the background; its pid is left in $pid, its output in a file.
start() { # NAMESPACE LOG COMMAND...
    local namespace=$1 log=$2
    shift 2
    # Whoever waits for a line must not find that of the one before.
    rm -f "$log" "$log.err"
    # The plain fork: ip replaces itself with the command, so the pid is the command's own.
    ip netns exec "$namespace" "$@" </dev/null >"$log" 2>"$log.err" &
    pid=$!
    own+=("$pid")
}

# Ends what was started in this turn, the youngest first: SIGTERM, five seconds, SIGKILL.
end_own() {
    local i p n
    for ((i = ${#own[@]} - 1; i >= 0; i--)); do
        p=${own[i]}
        kill -TERM "$p" 2>/dev/null
        for ((n = 0; n < 100; n++)); do
            kill -0 "$p" 2>/dev/null || break
            sleep 0.05
        done
        kill -KILL "$p" 2>/dev/null
        wait "$p" 2>/dev/null
    done
    own=()
}

remove_namespaces() {
    local n
    for n in "${spaces[@]}"; do
        [ -e "/run/netns/$id-$n" ] && ip netns del "$id-$n" 2>/dev/null
    done
}

clean_up() {
    trap - EXIT INT TERM HUP
    end_own
    remove_namespaces
    [ -n "$bridge_nf_before" ] && echo "$bridge_nf_before" >/proc/sys/net/bridge/bridge-nf-call-iptables
    [ -n "$temp" ] && rm -rf "$temp"
}

make_namespaces() {
    local n
    for n in "${spaces[@]}"; do
        ip netns add "$id-$n" || return 1
        ip -n "$id-$n" link set dev lo up
        # Without IPv6 there is no duplicate address detection and no solicitation in the middle of a measurement.
        ip netns exec "$id-$n" sh -c 'for f in all default; do
            f=/proc/sys/net/ipv6/conf/$f/disable_ipv6; [ ! -e $f ] || echo 1 >$f; done'
    done
}

# br_netfilter, where it is there, sends every bridged frame through iptables. The switch is one per namespace since
# Linux 5.3; before that there is one for all, which is put back at the end.
silence_bridge_nf() {
    local file=/proc/sys/net/bridge/bridge-nf-call-iptables
    if ip netns exec "$id-s" test -e $file; then
        ip netns exec "$id-s" sh -c "echo 0 >$file"
    elif [ -e $file ] && [ -z "$bridge_nf_before" ]; then
        bridge_nf_before=$(<$file)
        echo 0 >$file
    fi
}

# Waits up to ten seconds for a line in a log of a process that must still run.
wait_for() { # PID LOG LINE
    local n
    for ((n = 0; n < 200; n++)); do
        grep -q -- "$3" "$2" 2>/dev/null && return 0
        kill -0 "$1" 2>/dev/null || break
        sleep 0.05
    done
    why=$(head -n 1 "$2.err" 2>/dev/null)
    if kill -0 "$1" 2>/dev/null; then
        why="did not say '$3' within 10 s${why:+: $why}"
    else
        wait "$1"
        why="ended with status $?${why:+: $why}"
    fi
    return 1
}

# Writes the configuration given on standard input, runs the switch on it, waits until it is ready.
# A turn of a system "before:NAME" runs the other build.
run_softswitch() {
    local program=$exe
    [[ $system == before:* ]] && program=$before
    cat >"$temp/softswitch.yaml"
    start "$id-s" "$temp/softswitch" "$program" run "$temp/softswitch.yaml" --socket "$temp/softswitch.sock"
    wait_for "$pid" "$temp/softswitch" '^ready$'
}

median() {
    sort -n | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

figure() { # FILE FORMAT
    [ -s "$temp/$1" ] && printf "$2" "$(median <"$temp/$1")" || echo -
}

# --- two builds beside each other (--before) ---------------------------------------------------------------------------

# Every system of ours gets a second one beside it, which runs the other build.
pair_with_before() {
    local system pairs=()
    [ -n "$before" ] || return 0
    for system in "${run_systems[@]}"; do
        [[ $system == softswitch* ]] && { pairs+=("before:$system"); title[before:$system]="${title[$system]}, before"; }
        pairs+=("$system")
    done
    run_systems=("${pairs[@]}")
}

# One round. Every other round goes backwards: whoever is always second of a pair finds the machine always in the same state.
round_of_turns() { # ROUND
    local n count=${#run_systems[@]}
    for ((n = 0; n < count; n++)); do
        turn "${run_systems[$1 % 2 ? n : count - 1 - n]}" "$1"
    done
}

# What each of our systems is to itself before: the median over the rounds of a round's own ratio, because the two turns of a
# round stand side by side and the machine drifts.
table_of_before() { # FIGURE...
    local system figure line
    [ -n "$before" ] || return 0
    printf '\n'
    for system in "${run_systems[@]}"; do
        [[ $system == softswitch* ]] || continue
        line=''
        for figure in "$@"; do
            [ -s "$temp/$system.$figure" ] && [ -s "$temp/before:$system.$figure" ] || continue
            line+=" $figure $(paste "$temp/$system.$figure" "$temp/before:$system.$figure" |
                awk '$2 > 0 { print $1 / $2 }' | median | awk '{ printf "%.3f", $1 }')"
        done
        printf '%s, to before (median of the rounds):%s\n' "${title[$system]}" "$line"
    done
}

# --- the beginning -----------------------------------------------------------------------------------------------------

read_arguments() {
    local system
    while [ $# -gt 0 ]; do
        case $1 in
            --help | -h) usage; exit 0 ;;
            --rounds | --seconds | --exe | --before | --systems) [ $# -ge 2 ] || mistake "$1 needs a value" ;;
            *) mistake "unknown argument '$1'; --help says what there is" ;;
        esac
        case $1 in
            --rounds | --seconds)
                [[ $2 =~ ^[1-9][0-9]{0,2}$ ]] || mistake "$1 takes a whole number from 1 to 999, not '$2'" ;;&
            --rounds) rounds=$2 ;;
            --seconds) seconds=$2 ;;
            --exe) exe=$2 ;;
            --before) before=$2 ;;
            --systems)
                IFS=, read -r -a systems <<<"$2"
                for system in "${systems[@]}"; do
                    [[ " ${known[*]} " == *" $system "* ]] || mistake "no system '$system'; there are: ${known[*]}"
                done ;;
        esac
        shift 2
    done
}

# Root, the programs that nothing goes without ("ip:iproute2": what it is called, and its package), a folder, the way out.
begin() {
    local need
    [ "$(id -u)" -eq 0 ] || obstacle 'namespaces and taps need root: run it with sudo'
    for need in "$@"; do
        command -v "${need%%:*}" >/dev/null || obstacle "${need%%:*} is missing: apt-get install ${need##*:}"
    done

    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    temp=$(mktemp -d "${TMPDIR:-/tmp}/softswitch-compare.XXXXXX") || obstacle 'no temporary folder'
    failed=0
    load=$(cut -d ' ' -f 1 /proc/loadavg)
}

left_out() { # PREFIX REASON: takes the systems whose names begin so out of the run
    local system kept=() hit=0
    for system in "${run_systems[@]}"; do
        if [[ $system == "$1"* ]]; then hit=1; else kept+=("$system"); fi
    done
    run_systems=("${kept[@]}")
    [ $hit -eq 0 ] || { say "$2"; notes+=("$2"); }
}
wanted() { [[ " ${run_systems[*]} " == *" $1"* ]]; }

# Publishes the switch unless it was given.
need_softswitch() {
    if wanted softswitch; then
        if [ -z "$exe" ] && ! command -v dotnet >/dev/null; then
            left_out softswitch 'softswitch is left out: no --exe, and no .NET SDK to publish it with'
        elif [ -z "$exe" ]; then
            say 'publishing softswitch (over a minute; --exe PATH saves it)'
            MSBUILDDISABLENODEREUSE=1 dotnet publish "$here/../../src/SoftSwitch" -c Release -o "$temp/publish" \
                -p:UseSharedCompilation=false >"$temp/publish.log" 2>&1 ||
                { tail -n 5 "$temp/publish.log" >&2; obstacle 'softswitch could not be published'; }
            exe=$temp/publish/softswitch
            load=$(cut -d ' ' -f 1 /proc/loadavg)
        else
            [ -f "$exe" ] && [ -x "$exe" ] || mistake "--exe '$exe' is not an executable file"
            exe=$(realpath "$exe")
        fi
    fi
    if [ -n "$before" ]; then
        [ -f "$before" ] && [ -x "$before" ] || mistake "--before '$before' is not an executable file"
        before=$(realpath "$before")
    fi
}
