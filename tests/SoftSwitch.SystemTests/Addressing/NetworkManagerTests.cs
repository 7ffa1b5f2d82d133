using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>A guest whose interface is NetworkManager's.</summary>
public sealed class NetworkManagerTests : IDisposable
{
    private const string Program = "/usr/sbin/NetworkManager", Bus = "/usr/bin/dbus-daemon";

    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-nm-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void NetworkManager_keeps_its_lease_over_a_kill_and_renews_it()
    {
        Need.RealRoot("mounts of its own");
        Need.File(Program, "network-manager");
        Need.File(Bus, "dbus");
        OverAKill.KeepsItsLease(_world, _folder, () => _world.One.Start("unshare", "-m", "sh", Script()));
        Assert.Contains($"default via {World.Gateway} dev eth0 proto dhcp", _world.One.Check("ip route"), StringComparison.Ordinal);
    }

    /// <summary>A bus and folders of its own, and a /sys that says that nobody else names interfaces here.</summary>
    private string Script()
    {
        File.WriteAllText(Path.Combine(_folder, "bus.conf"), $"""
            <busconfig>
              <type>system</type>
              <listen>unix:path={_folder}/bus</listen>
              <auth>EXTERNAL</auth>
              <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
            </busconfig>
            """);
        File.WriteAllText(Path.Combine(_folder, "NetworkManager.conf"), """
            [main]
            plugins=keyfile
            dhcp=internal
            dns=none
            no-auto-default=*
            """);
        File.WriteAllText(Path.Combine(_folder, "eth0.nmconnection"), """
            [connection]
            id=eth0
            type=ethernet
            interface-name=eth0
            [ipv4]
            method=auto
            [ipv6]
            method=disabled
            """);
        var path = Path.Combine(_folder, "manager");
        File.WriteAllText(path, $"""
            for own in /run /etc/NetworkManager /var/lib/NetworkManager; do mount -t tmpfs none $own; done
            mount -o remount,bind,ro /sys
            mkdir /etc/NetworkManager/system-connections
            cp {_folder}/NetworkManager.conf /etc/NetworkManager/
            (umask 077; cp {_folder}/eth0.nmconnection /etc/NetworkManager/system-connections/)
            export DBUS_SYSTEM_BUS_ADDRESS=unix:path={_folder}/bus
            {Bus} --config-file={_folder}/bus.conf --nofork --nopidfile --print-address > {_folder}/address &
            until test -s {_folder}/address; do sleep 0.1; done
            exec {Program} --no-daemon
            """);
        return path;
    }
}
