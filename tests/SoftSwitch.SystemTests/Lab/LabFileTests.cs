using SoftSwitch.Config;
using SoftSwitch.Lab;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Lab;

/// <summary>`softswitch lab FILE`, and a prompt inside.</summary>
public sealed class LabFileTests : IDisposable
{
    private const string EveryKind =
        """
        networks:
          dev:    { mode: internal, mtu: 9000 }
          office: { mode: bridged, uplink: ens33 }
        ports:
          vm1:  { network: dev, kind: guest, mac: "52:54:00:00:00:01" }
          box1: { network: dev, kind: tap, netns: box1, address: 192.168.56.9/24 }
          box2: { network: dev, kind: veth, netns: box2, interface: front, address: 192.168.56.10/24 }
          eth1: { network: office, kind: nic, interface: eth1 }
          host: { network: office, kind: tap }
        """;

    private const string EveryWayOut =
        """
        networks:
          office: { mode: bridged, uplink: ens33 }
          dev:
            mode: nat
            outside: {}
            forwards: [{ from: tcp/2222, to: "web:22" }, { from: udp/5000-5010, to: 10.10.0.20 }, { from: tcp/80, to: 10.10.0.99 }]
            subnet: 10.10.0.0/24
          test: { mode: nat, outside: { interface: ens34, address: 192.0.2.10/24, gateway: 192.0.2.1 } }
          lab: { mode: host-only, subnet: 192.168.56.0/24, host: { interface: ss-lab } }
        ports:
          desk: { network: office, kind: guest }
          web:  { network: dev, kind: tap, netns: web, address: 10.10.0.7/24 }
          db:   { network: dev, kind: guest }
          ci:   { network: test, kind: guest }
          box:  { network: lab, kind: veth, netns: box, address: 192.168.56.9/24 }
        """;

    private const string OneNicForAll =
        """
        networks:
          office: { mode: bridged, uplink: ens33 }
          dev:    { mode: nat, outside: { interface: ens33 }, forwards: [{ from: tcp/2222, to: "web:22" }] }
          test:   { mode: nat, outside: { interface: ens33 } }
          own:    { mode: nat, outside: { interface: ens33, address: 192.0.2.10/24 } }
          empty:  { mode: nat, outside: {} }
          none:   { mode: host-only }
        ports:
          desk: { network: office, kind: guest }
          web:  { network: dev, kind: guest }
          seg:  { network: dev, kind: nic, interface: seg0 }
          ci:   { network: test, kind: guest }
          www:  { network: own, kind: guest }
        """;

    private readonly ReadableCopy _copy = new();

    public void Dispose() => _copy.Dispose();

    [Fact]
    public void Every_kind_of_port_is_played()
    {
        Need.Root();
        var result = Shell.Run(_copy.Executable, ["lab", _copy.Write("every.yaml", EveryKind)]).Succeeded();
        Assert.Contains("192.168.56.10/24", result.Output);
        Assert.Matches(@"\nbox2 +yes +yes +- +- +- +-\n", result.Output);
        Assert.Matches(@"\nens33 +- +- +- +yes +yes +yes\n", result.Output);
        Assert.EndsWith("\neverything is as the file says\n", result.Output);
    }

    [Fact]
    public void What_a_file_expects_of_the_world_is_played()
    {
        Need.Root();
        Need.Tun();
        var output = Shell.Run(_copy.Executable, ["lab", _copy.Write("ways.yaml", EveryWayOut)]).Succeeded().Output;
        //                      ens33   desk   web      db     ci    box   INTERNET INTERNET2 HOST
        Assert.Matches(@"\ndesk +yes +- +- +- +- +- +- +yes\n", output);
        Assert.Matches(@"\nweb +- +- +yes +- +- +IPv4 +- +IPv4\n", output);
        Assert.Matches(@"\nci +- +- +- +- +- +- +IPv4 +-\n", output);
        Assert.Matches(@"\nbox +- +- +- +- +- +- +- +yes\n", output);
        Assert.Matches(@"\nINTERNET +- +- +- +- +- +- +- +yes\n", output);
        Assert.Matches(@"\nHOST +yes +yes +- +- +- +yes +yes +yes\n", output);
        Assert.Contains("\ndev: INTERNET sees web as 198.51.100.2\n", output);
        Assert.Contains("\ndev: tcp/2222 leads INTERNET to web:22\n", output);
        Assert.Contains("\ndev: udp/5000 leads INTERNET to db:5000\n", output);
        Assert.Contains("\ndev: not shown: tcp/80, for nobody here is 10.10.0.99\n", output);
        Assert.Contains("\ntest: INTERNET2 sees ci as 192.0.2.10\n", output);
        Assert.EndsWith("\neverything is as the file says\n", output);
    }

    [Fact]
    public void One_NIC_leads_a_bridged_network_and_several_nat_networks_out()
    {
        Need.Root();
        Need.Tun();
        var output = Shell.Run(_copy.Executable, ["lab", _copy.Write("one-nic.yaml", OneNicForAll)]).Succeeded().Output;
        //                      ens33  desk web seg ci www INTERNET HOST
        Assert.Matches(@"\nens33 +yes +- +- +- +- +- +yes\n", output);
        Assert.Matches(@"\nweb +IPv4 +- +yes +- +- +- +IPv4\n", output);
        Assert.Matches(@"\nseg +IPv4 +- +yes +- +- +- +IPv4\n", output);
        Assert.Matches(@"\nci +IPv4 +- +- +- +- +- +IPv4\n", output);
        Assert.Matches(@"\nwww +IPv4 +- +- +- +- +- +-\n", output);
        Assert.EndsWith("\neverything is as the file says\n", output);
        Assert.Contains("\nown: ens33 sees www as 192.0.2.10\n", output);
        Assert.Contains("\ndev: tcp/2222 leads ens33 to web:22\n", output);
    }

    [Fact]
    public void Every_example_is_as_it_says_in_memory()
    {
        var examples = Directory.GetFiles(Path.Combine(SourceTree.Root, "tools/examples"), "*.yaml");
        Assert.NotEmpty(examples);
        foreach (var text in examples.Select(File.ReadAllText).Append(OneNicForAll).Append(EveryWayOut))
        {
            using var lab = new MemoryLab(LabPlanner.Plan(ConfigFile.Parse("example", text).Model!, LabRung.Memory));
            Assert.Empty(lab.Check(isIpv6: false).Differences());
            Assert.Empty(lab.Check(isIpv6: true).Differences());
            Assert.Empty(lab.CheckOutsides().Differences);
        }
    }

    [Fact]
    public void Nothing_is_left_on_the_host_and_nothing_was_there()
    {
        Need.Root();
        var before = Shell.Check("ip -o link");
        var all = (string[])["lab", _copy.Write("every.yaml", EveryKind), "--shell", "vm1"];
        using var lab = new BackgroundProcess("env", ["SHELL=", _copy.Executable, .. all]);
        lab.WaitForLine(line => line.Contains("a prompt inside vm1"));
        Assert.Equal(Names(before), Names(Shell.Check("ip -o link")));
        lab.Input.Close();
        Assert.Equal(0, lab.WaitForExit());
        Assert.Equal(Names(before), Names(Shell.Check("ip -o link")));
    }

    [Fact]
    public void More_guests_than_a_matrix_has_room_for_are_all_asked()
    {
        Need.Root();
        var ports = Enumerable.Range(0, 30).Select(i => $"  p{i}: {{ network: {(i % 2 == 0 ? "left" : "right")}, kind: guest }}");
        var file = _copy.Write("many.yaml",
            $"networks: {{ left: {{ mode: internal }}, right: {{ mode: internal }} }}\nports:\n{string.Join('\n', ports)}\n");
        var output = Shell.Run(_copy.Executable, ["lab", file], TimeSpan.FromMinutes(1)).Succeeded().Output;
        Assert.Contains("(IPv4 and IPv6): 870 pairs asked, 870 as the file says\n", output);
    }

    [Fact]
    public void More_ports_than_a_lab_plays_are_refused()
    {
        var ports = Enumerable.Range(0, 129).Select(i => $"  p{i}: {{ network: one, kind: guest }}");
        var result = Shell.Run(_copy.Executable,
            ["lab", _copy.Write("too-many.yaml", $"networks: {{ one: {{ mode: internal }} }}\nports:\n{string.Join('\n', ports)}\n")]);
        Assert.Equal(2, result.ExitStatus);
        Assert.Equal("softswitch: 129 ports are more than a lab plays (128): try a part of the file\n", result.Error);
    }

    [Fact]
    public void Where_an_interface_is_too_narrow_IPv6_is_named_as_not_shown()
    {
        Need.Root();
        var file = _copy.Write("narrow.yaml",
            "networks: { a: { mode: internal, mtu: 1000 } }\nports: { x: { network: a, kind: guest }, y: { network: a, kind: guest } }\n");
        var output = Shell.Run(_copy.Executable, ["lab", file]).Succeeded().Output;
        Assert.Contains("Who reaches whom (IPv4; ", output);
        Assert.Contains("\nnot shown: IPv6, because of the MTU of port x: it is 1000, and IPv6 needs 1280\n", output);
    }

    [Fact]
    public void A_prompt_is_inside_the_guest()
    {
        Need.Root();
        var file = _copy.Write("every.yaml", EveryKind);
        var output = Shell.Run("env", ["SHELL=", _copy.Executable, "lab", file, "--shell", "box2"],
            input: "ip -4 -o addr show front; ip link show ens33\n")
            .Succeeded().Output;
        Assert.Contains("192.168.56.10/24", output[output.IndexOf("a prompt inside box2", StringComparison.Ordinal)..]);
    }

    [Fact]
    public void A_port_that_is_not_there_is_one_line_with_those_that_are()
    {
        var result = Shell.Run(_copy.Executable, ["lab", _copy.Write("every.yaml", EveryKind), "--shell", "vm2"]);
        Assert.Equal(2, result.ExitStatus);
        Assert.Empty(result.Output);
        Assert.StartsWith("softswitch: no port 'vm2' in ", result.Error);
        Assert.EndsWith("there are: vm1, box1, box2, ens33, eth1, host, HOST\n", result.Error);
    }

    [Fact]
    public void A_bad_file_is_refused_with_each_mistake()
    {
        var result = Shell.Run(_copy.Executable,
            ["lab", _copy.Write("bad.yaml", "networks: { a: { mode: inner } }\nports: { b: { network: c, kind: tap } }\n")]);
        Assert.Equal(2, result.ExitStatus);
        Assert.Empty(result.Output);
        Assert.Contains("bad.yaml:1:", result.Error);
        Assert.Contains("bad.yaml:2:", result.Error);
    }

    [Theory]
    [InlineData("INT", true)]
    [InlineData("INT", false)]
    [InlineData("TERM", true)]
    public void A_signal_ends_it_in_good_order(string signal, bool asRoot)
    {
        Need.Root();
        if (!asRoot && !Environment.IsPrivilegedProcess)
            Need.Missing("needs root, to become another user: run the tests as root");
        string[] all = [.. asRoot ? ["env"] : _copy.AsOrdinaryUser(), _copy.Executable, "lab"];
        using var lab = new BackgroundProcess(all[0], all[1..]);
        lab.WaitForLine(line => line.Contains("green"));
        lab.Signal(signal);
        Assert.Equal(1, lab.WaitForExit());
        Assert.Equal("softswitch: the lab was ended before it was done", Assert.Single(lab.Errors));
    }

    [Fact]
    public void While_a_prompt_is_open_SIGTERM_ends_both()
    {
        Need.Root();
        using var lab = new BackgroundProcess("env", "SHELL=", _copy.Executable, "lab", "--shell", "red");
        lab.WaitForLine(line => line.Contains("a prompt inside red"));
        lab.Input.Write("echo pid $$; cat\n");
        lab.Input.Flush();
        var shell = int.Parse(lab.WaitForLine(line => line.StartsWith("pid ")).Split(' ')[1]);
        lab.Signal("TERM");
        lab.WaitForExit();
        Assert.False(Directory.Exists($"/proc/{shell}"));
    }

    private static string Names(string links) =>
        string.Join(' ', links.Split('\n').Where(line => line.Length > 0).Select(line => line.Split(": ")[1]));
}
