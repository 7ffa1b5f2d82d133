using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>The same guests on the kernel's bridge and on the switch.</summary>
public sealed partial class ArpTests
{
    private const int Guests = 8;

    /// <summary>Longer than a question counts as asked again.</summary>
    private static readonly TimeSpan s_later = TimeSpan.FromSeconds(5.5);

    private static string Address(int guest) => $"10.6.0.{guest + 1}";

    private sealed class Lab : IDisposable
    {
        private readonly NetNs _host = new("host");

        public NetNs[] Guests { get; } = [.. Enumerable.Range(0, ArpTests.Guests).Select(guest => new NetNs($"guest{guest}"))];

        /// <summary>Until it is disposed of, they are on the kernel's bridge.</summary>
        public void OnBridge(Action<Lab> act)
        {
            for (var guest = 0; guest < Guests.Length; guest++)
                _host.Veth($"k{guest}", Guests[guest], "eth0");
            _host.Bridge("br0", Enumerable.Range(0, Guests.Length).Select(guest => $"k{guest}"));
            Address();
            act(this);
            _host.Check("ip link delete dev br0");
            for (var guest = 0; guest < Guests.Length; guest++)
                _host.Check($"ip link delete dev k{guest}");
        }

        public SoftSwitchProcess OnSwitch(string arp = "quiet")
        {
            var running = SoftSwitchProcess.Start(Config(arp), _host);
            Address();
            return running;
        }

        /// <summary>Taps and veth pairs, in turn.</summary>
        private string Config(string arp) => $"networks: {{ lab: {{ mode: internal, arp: {arp} }} }}\nports:\n" + string.Concat(
            Guests.Select((guest, i) =>
                $"  p{i}: {{ network: lab, kind: {(i % 2 == 0 ? "veth" : "tap")}, netns: \"{guest.Name}\", interface: eth0 }}\n"));

        /// <summary>What each finds by ping, by a question, by a probe (RFC 5227); and of an address that nobody has.</summary>
        public IReadOnlyList<string> Findings()
        {
            var all = string.Join(' ', Enumerable.Range(0, Guests.Length).Select(ArpTests.Address));
            List<string> found = [.. Guests.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(guest => guest.Exec("sh",
                ["-c", $"for a in {all}; do ping -q -c 1 -W 3 $a > /dev/null && echo $a; done"]).Output)];
            foreach (var address in new[] { ArpTests.Address(3), ArpTests.Address(6), "10.6.0.99" })
            {
                found.Add($"asked {address}: {Guests[0].Run($"arping -q -c 1 -w 1 -I eth0 {address}").ExitStatus}");
                found.Add($"probed {address}: {Guests[1].Run($"arping -q -D -c 1 -w 1 -I eth0 {address}").ExitStatus}");
            }
            return found;
        }

        /// <summary>Who else hears a question for all about an address.</summary>
        public IReadOnlyList<int> Woken(int by, string address)
        {
            // Those of the kernel itself, which checks a neighbor now and then, go to one.
            var heard = Guests.Select(guest => guest.Start("tcpdump", "-i", "eth0", "-Q", "in", "-n", "-l", "--immediate-mode",
                "-Z", "root", "arp[6:2] == 1 and ether broadcast")).ToList();
            foreach (var one in heard)
                one.WaitForLine(line => line.Contains("listening on", StringComparison.Ordinal));
            Guests[by].Run($"arping -q -c 1 -w 1 -I eth0 {address}");
            Thread.Sleep(300);
            List<int> woken = [.. Enumerable.Range(0, Guests.Length).Where(guest =>
                heard[guest].Output.Any(line => line.Contains($"who-has {address} ", StringComparison.Ordinal)))];
            foreach (var one in heard)
                one.Dispose();
            return woken;
        }

        /// <summary>Two people can't have it at once: the one gives it up, and the other takes it.</summary>
        public void Move(string address, int from, int to)
        {
            Guests[from].Check($"ip addr del {address}/24 dev eth0");
            Guests[to].Check($"ip addr add {address}/24 dev eth0");
        }

        /// <summary>Waits until a guest that speaks to an address is answered by one that has it.</summary>
        public void Reaches(int by, string address, int owner, int seconds)
        {
            var mac = Guests[owner].Mac("eth0");
            Eventually.Holds(() => Guests[by].Run($"ping -q -c 1 -W 1 {address}").ExitStatus == 0
                && Guests[by].Check($"ip neigh show {address}").Contains(mac), seconds);
        }

        public void Dispose()
        {
            foreach (var guest in Guests)
                guest.Dispose();
            _host.Dispose();
        }

        private void Address()
        {
            for (var guest = 0; guest < Guests.Length; guest++)
            {
                Guests[guest].Address("eth0", $"{ArpTests.Address(guest)}/24");
                Guests[guest].Up("eth0");
            }
        }
    }
}
