using SoftSwitch.Linux;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nftables;

/// <summary>What we tell nf_tables, as nft reads it back.</summary>
[Collection(typeof(AloneOnTheMachine))]
public class NftTableTests
{
    private static readonly MacAddress Guest = MacAddress.Parse("52:54:00:00:00:01");
    private static readonly MacAddress Other = MacAddress.Parse("52:54:00:00:00:02");

    [Fact]
    public void A_table_is_read_back_as_it_was_meant()
    {
        using var sandbox = Devices();
        var to = sandbox.Links.Find("to")!.Index;
        using var table = new NftTable("t", sandbox.Namespace);
        table.Commit(table.Change()
            .AddSet("guests", NftKey.MacAddress)
            .AddElement("guests", Guest)
            .AddSet("addresses", NftKey.Ipv4Address)
            .AddElement("addresses", Ipv4Address.Parse("192.0.2.1"))
            .AddChain("in", NftHook.Ingress, "nic", -10)
            .AddRule("in", new NftRule().MatchOtherMark(7).Accept())
            .AddRule("in", new NftRule().MatchStation(Other).SetMark(0).Accept())
            .AddRule("in", new NftRule().MatchOtherStation(Other).SetPacketType(3))
            .AddRule("in", new NftRule().MatchEtherType(EtherType.Ipv4).MatchProtocol(17).MatchDestinationIn("addresses")
                .MatchDestinationPorts(16384, 29999).Drop())
            .AddChain("out", NftHook.Egress, "nic")
            .AddRule("out", new NftRule().MatchMark(7).Accept())
            .AddRule("out", new NftRule().MatchStationIn("guests").SetMark(9).Forward(to)));
        // Without asking for the type of the device, which is known, an Ethernet address is bits of the frame to nft.
        Assert.Equal("""
            table netdev t { # progname
            flags owner
            set guests {
            type ether_addr
            elements = { 52:54:00:00:00:01 }
            }
            set addresses {
            type ipv4_addr
            elements = { 192.0.2.1 }
            }
            chain in {
            type filter hook ingress device "nic" priority filter - 10; policy accept;
            meta mark != 0x00000007 accept
            @ll,0,48 0x525400000002 meta mark set 0x00000000 accept
            @ll,0,48 != 0x525400000002 meta pkttype set other
            ip daddr @addresses udp dport 16384-29999 drop
            }
            chain out {
            type filter hook egress device "nic" priority filter; policy accept;
            meta mark 0x00000007 accept
            @ll,0,48 @guests meta mark set 0x00000009 fwd to "to"
            }
            }
            """, Listed(sandbox));
    }

    [Fact]
    public void Elements_come_and_go_while_the_table_is_in_use()
    {
        using var sandbox = Devices();
        using var table = new NftTable("t", sandbox.Namespace);
        table.Commit(table.Change().AddSet("guests", NftKey.MacAddress));
        var change = table.Change();
        for (var i = 0; i < NftChange.MaximumElements; i++)
            change.AddElement("guests", new MacAddress(0x5254_0000_0000ul + (uint)i));
        table.Commit(change);
        table.Commit(table.Change().AddElement("guests", new MacAddress(0x5254_0000_0000ul)));
        Assert.Equal(NftChange.MaximumElements, Listed(sandbox).Split("52:54:").Length - 1);
        change = table.Change();
        for (var i = 1; i < NftChange.MaximumElements; i++)
            change.RemoveElement("guests", new MacAddress(0x5254_0000_0000ul + (uint)i));
        table.Commit(change);
        Assert.Contains("elements = { 52:54:00:00:00:00 }", Listed(sandbox));
    }

    [Fact]
    public void A_change_that_is_refused_changes_nothing_and_the_next_one_works()
    {
        using var sandbox = Devices();
        using var table = new NftTable("t", sandbox.Namespace);
        var refused = Assert.Throws<SystemCallException>(() => table.Commit(table.Change()
            .AddSet("guests", NftKey.MacAddress)
            .AddChain("in", NftHook.Ingress, "nic")
            .AddRule("in", new NftRule().MatchStationIn("others").Drop())
            .AddSet("more", NftKey.Ipv4Address)));
        Assert.Equal("ENOENT", refused.ErrorName);
        Assert.DoesNotContain("set", Listed(sandbox));
        Assert.DoesNotContain("chain", Listed(sandbox));
        Assert.Throws<SystemCallException>(() => table.Commit(table.Change().RemoveElement("guests", Guest)));
        table.Commit(table.Change().AddSet("guests", NftKey.MacAddress));
        Assert.Contains("set guests", Listed(sandbox));
        table.Commit(table.Change());
    }

    [Fact]
    public void A_table_goes_with_its_owner_and_nobody_else_changes_it()
    {
        using var sandbox = Devices();
        using (var table = new NftTable("t", sandbox.Namespace))
        {
            var taken = Assert.Throws<SystemCallException>(() => new NftTable("t", sandbox.Namespace));
            Assert.Contains("nft list table netdev t", taken.Message);
            table.Commit(table.Change().AddChain("in", NftHook.Ingress, "nic"));
            Assert.NotEqual(0, sandbox.Namespace.Run(() => Shell.RunAsCaller("nft", ["delete", "table", "netdev", "t"])).ExitStatus);
            Assert.Contains("chain in", Listed(sandbox));
        }
        Assert.Equal("", Listed(sandbox));
    }

    private static Sandbox Devices()
    {
        Need.Tool("nft");
        var sandbox = Sandbox.Make();
        sandbox.Links.CreateVethPair("nic", null, "to", null);
        return sandbox;
    }

    private static string Listed(Sandbox sandbox)
    {
        var text = sandbox.Namespace.Run(() => Shell.RunAsCaller("nft", ["list", "ruleset"]).Succeeded().Output);
        var lines = text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)
            .Select(line => line.Contains("# progname") ? line[..line.IndexOf("progname", StringComparison.Ordinal)] + "progname" : line);
        return string.Join('\n', lines);
    }
}
