namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// A network namespace with a name of its own, made for one test. Disposal ends what was started in it, process by
/// process, and deletes it; interfaces in it vanish with it.
/// </summary>
public sealed class NetNs : IStation, IDisposable
{
    private const string Mark = "sst";
    private static readonly Lazy<bool> Swept = new(SweepLeftOvers);
    private static int _count;
    private readonly List<BackgroundProcess> _started = [];
    private string? _record;

    /// <summary>Makes it; the label ends up in its name, for people who look.</summary>
    public NetNs(string label = "ns")
    {
        Need.Root();
        _ = Swept.Value;
        Name = $"{Mark}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-{label}";
        Shell.Check($"ip netns add {Name}");
        // No waiting for duplicate address detection: nobody else is in here.
        Exec("sh", ["-c", "for f in all default; do echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad; done"]);
        Check("ip link set lo up");
        if (Evidence.IsKept && Environment.IsPrivilegedProcess) Record();
    }

    /// <summary>As in "netns: NAME" and "ip netns".</summary>
    public string Name { get; }

    /// <summary>The file that names it.</summary>
    public string Path => $"/run/netns/{Name}";

    /// <inheritdoc/>
    public ShellResult Run(string words, TimeSpan? limit = null)
    {
        var (program, arguments) = Shell.Words(words);
        return Exec(program, arguments, limit);
    }

    /// <summary>Runs a program inside, to its end.</summary>
    public ShellResult Exec(string program, IEnumerable<string> arguments, TimeSpan? limit = null, string? input = null)
    {
        string[] words = [.. arguments];
        return Shell.Run("ip", ["netns", "exec", Name, Need.Program(program, words), .. words], limit, input);
    }

    /// <summary>Runs words inside, which have to succeed, and returns standard output.</summary>
    public string Check(string words, TimeSpan? limit = null) => Run(words, limit).Succeeded().Output;

    /// <summary>Starts a program inside; it ends with the namespace at the latest.</summary>
    public BackgroundProcess Start(string program, params IEnumerable<string> arguments)
    {
        string[] words = [.. arguments];
        var process = new BackgroundProcess("ip", ["netns", "exec", Name, Need.Program(program, words), .. words]);
        _started.Add(process);
        return process;
    }

    /// <summary>A veth pair: one end here, the other in <paramref name="peer"/>; both up.</summary>
    public void Veth(string name, NetNs peer, string peerName, int mtu = 1500)
    {
        Check($"ip link add name {name} mtu {mtu} type veth peer name {peerName} mtu {mtu} netns {peer.Name}");
        Up(name);
        peer.Up(peerName);
    }

    /// <summary>A persistent tap that nobody holds yet; up.</summary>
    public void Tap(string name)
    {
        Need.Tun();
        Check($"ip tuntap add dev {name} mode tap vnet_hdr");
        Up(name);
    }

    /// <summary>A kernel bridge with these interfaces, silent on its own behalf; up.</summary>
    public void Bridge(string name, params IEnumerable<string> ports)
    {
        Check($"ip link add name {name} type bridge stp_state 0 mcast_snooping 0 forward_delay 0");
        Check($"ip link set dev {name} addrgenmode none");
        foreach (var port in ports)
        {
            Check($"ip link set dev {port} addrgenmode none");
            Check($"ip link set dev {port} master {name}");
        }
        Up(name);
    }

    /// <summary>Brings an interface up.</summary>
    public void Up(string name) => Check($"ip link set dev {name} up");

    /// <summary>Puts an address ("10.0.0.1/24", "fd00::1/64") on an interface.</summary>
    public void Address(string name, string address) =>
        Check($"ip addr add {address} dev {name}" + (address.Contains(':') ? " nodad" : ""));

    /// <summary>The MAC address of an interface inside, as the kernel prints it.</summary>
    public string Mac(string name)
    {
        var words = Check($"ip -o link show dev {name}").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words[Array.IndexOf(words, "link/ether") + 1];
    }

    /// <summary>Turns an interface's offloads off: checksums and segmentation are finished before it sends.</summary>
    public void OffloadsOff(string name)
    {
        Need.Tool("ethtool");
        // The long names: what an interface can't change is reported, and is off or harmless already.
        foreach (var feature in new[] { "tx", "rx", "sg", "tso", "gso", "gro" })
            Run($"ethtool -K {name} {feature} off");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var record = _record is null ? "" : $"; what passed in it: {_record}";
        Evidence.Dispose($"kept: ip netns exec {Name} sh{record}", () =>
        {
            foreach (var process in _started) process.Dispose();
            if (_record is not null) File.Delete(_record);
            Delete(Name);
        });
    }

    /// <summary>Writes all that passes on its interfaces, those to come as well, to a file.</summary>
    private void Record()
    {
        _record = TemporaryFolder.NewPath(".pcap");
        Start("tcpdump", "-i", "any", "-U", "-n", "-Z", "root", "-w", _record).WaitForLine(line => line.Contains("listening on"));
    }

    private static void Delete(string name)
    {
        // Whoever is still in there came from our own commands (a server that detached itself).
        foreach (var pid in Shell.Run($"ip netns pids {name}").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Shell.Signal(int.Parse(pid), "KILL");
        Shell.Run($"ip netns delete {name}");
    }

    // A test run that was killed could not clean up; its namespaces carry its process id.
    private static bool SweepLeftOvers()
    {
        foreach (var line in Shell.Run("ip netns list").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = line.Split(' ')[0];
            if (name.StartsWith(Mark, StringComparison.Ordinal)
                && int.TryParse(name[Mark.Length..].Split('-')[0], out var pid) && !Directory.Exists($"/proc/{pid}"))
                Delete(name);
        }
        return true;
    }
}
