using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.HostNeighbor;

/// <summary>All of it in a user namespace, where no bpf() and no capability of the machine is to be had.</summary>
public sealed class UserNamespaceTests
{
    /// <summary>The host is the namespace itself; station and guest are two more, held by processes of their own.</summary>
    private const string Script = """
        set -e
        cd "$(mktemp -d)"; trap 'kill $station $guest $switch 2>/dev/null || true; rm -r "$PWD"' EXIT
        unshare --net sleep 60 & station=$!
        unshare --net sleep 60 & guest=$!
        until [ "$(readlink /proc/$station/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
        until [ "$(readlink /proc/$guest/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
        ip link set dev lo up
        ip link add name nic type veth peer name eth0 netns $station
        ip link set dev nic up; ip addr add 10.9.0.1/24 dev nic
        nsenter --net --target $station ip link set dev eth0 up
        nsenter --net --target $station ip addr add 10.9.0.2/24 dev eth0
        echo "networks: { office: { mode: bridged, uplink: nic } }
        ports: { g: { network: office, kind: veth, netns: '$guest', interface: eth0, address: 10.9.0.77/24 } }" > switch.yaml
        "$EXE" run switch.yaml --socket "$PWD/s" > said 2>&1 & switch=$!
        until grep -qx ready said; do kill -0 $switch || { cat said; exit 1; }; sleep 0.05; done
        ping -c 1 -W 5 10.9.0.77 > /dev/null && echo host to guest
        nsenter --net --target $guest ping -c 1 -W 5 10.9.0.1 > /dev/null && echo guest to host
        nsenter --net --target $guest ping -c 1 -W 5 10.9.0.2 > /dev/null && echo guest to station
        kill -KILL $switch; wait $switch || true; sleep 0.3
        ping -c 1 -W 5 10.9.0.2 > /dev/null && echo host to station
        ip -o link | wc -l
        cat said >&2
        """;

    [Fact]
    public void Host_and_guest_are_neighbors_in_a_user_namespace_too()
    {
        Need.Tun();
        Need.Tool("unshare");
        var result = Shell.Run("env",
        [
            $"EXE={PublishedExecutable.Path}", "unshare", "--user", "--map-root-user", "--net", "sh", "-c", Script,
        ]).Succeeded();
        Assert.Equal("host to guest\nguest to host\nguest to station\nhost to station\n2\n", result.Output);
    }
}
