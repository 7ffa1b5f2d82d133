using System.Text;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using SoftSwitch.Packets.Dns;
using SoftSwitch.Tests.Routing;
using SoftSwitch.Tests.Services.Dhcp;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>What guests are called that get their addresses by DHCP. The file knows <c>gateway</c> and <c>web</c> (10.10.0.10), and ports
/// <c>port0</c> and <c>port1</c>.</summary>
public sealed class LocalNamesTests : IDisposable
{
    private readonly DhcpRig _net = new();
    private readonly DnsScope _scope = new()
    {
        Server = Ipv4Address.Parse(DhcpRig.Server),
        Subnet = GatewayRig.Subnet("10.10.0.0/24"),
        Domain = DnsText.Name("dev.internal"),
        Suffixes = [DnsText.Name(""), DnsText.Name("dev"), DnsText.Name("dev.internal")],
        Ports = ["port0", "port1"],
    };

    public LocalNamesTests()
    {
        DnsRig.Give(_scope, "gateway", "10.10.0.1");
        DnsRig.Give(_scope, "web", "10.10.0.10");
    }

    public void Dispose() => _net.Dispose();

    [Fact]
    public void A_guest_is_found_by_its_port_and_by_what_it_calls_itself()
    {
        var address = Boot(0, 1, "Mail.Example.Org");
        Assert.Equal(address, Find("port0"));
        Assert.Equal(address, Find("port0.dev.internal"));
        Assert.Equal(address, Find("mail"));
        Assert.Equal(address, Find("mail.dev.internal"));
        Assert.Equal("IsElsewhere", Find("mail.example.org"));
        Assert.Equal("mail.dev.internal", Find(Backward(address)));
        // Its port has a name, also while nobody is behind it.
        Assert.Equal("IsName", Find("port1.dev.internal"));
        Assert.Equal("NoName", Find("port9.dev.internal"));
    }

    /// <summary>As guests do that shut down. Whoever waits for that would else get what is meant for them.</summary>
    [Fact]
    public void Who_gives_its_address_back_keeps_its_name_as_long_as_the_lease_would_have_lasted()
    {
        var first = Boot(0, 1, "mail");
        Release(0, 1, first);
        var second = Boot(1, 2, "mail");
        Assert.Equal("NoName", Find("mail.dev.internal"));
        Assert.Equal(first, Boot(0, 1, "mail"));
        Assert.Equal(first, Find("mail"));
        Release(0, 1, first);
        _net.Later(3601);
        Assert.Equal($"Ack {second}", _net.Say(1, 2, DhcpMessageType.Request, has: second, also: Called("mail")));
        Assert.Equal(second, Find("mail"));
    }

    [Fact]
    public void Another_behind_the_same_port_has_its_name_at_once()
    {
        Release(0, 1, Boot(0, 1, "mail"));
        Assert.Equal(Boot(0, 2, "mail"), Find("mail"));
    }

    /// <summary>RFC 2132, 2.</summary>
    [Fact]
    public void A_name_may_end_as_a_text_of_C()
    {
        Assert.Equal(Boot(0, 1, "mail\0\0"), Find("mail"));
        Boot(0, 2, "wpad\0");
        Assert.Equal("NoName", Find("wpad.dev.internal"));
    }

    [Fact]
    public void Several_behind_a_port_have_its_name_together() =>
        Assert.Equal($"{Boot(0, 1)} {Boot(0, 2)}", Find("port0"));

    [Theory]
    [InlineData("web")]
    [InlineData("GATEWAY")]
    [InlineData("port1")]
    public void No_guest_takes_a_name_that_is_given(string name)
    {
        var before = Find(name.ToLowerInvariant());
        var address = Boot(0, 1, name);
        Assert.Equal(before, Find(name.ToLowerInvariant()));
        Assert.Equal("port0.dev.internal", Find(Backward(address)));
    }

    [Fact]
    public void No_guest_takes_another_ones_name_as_long_as_that_one_has_its_lease()
    {
        var (first, second) = (Boot(0, 1, "mail"), Boot(1, 2, "mail"));
        Assert.Equal(first, Find("mail"));
        Assert.Equal("port1.dev.internal", Find(Backward(second)));
        _net.Later(1800);
        Assert.Equal($"Ack {second}", _net.Say(1, 2, DhcpMessageType.Request, has: second, also: Called("mail")));
        _net.Later(1801);
        Assert.Equal("NoName", Find("mail.dev.internal"));
        Assert.Equal($"Ack {second}", _net.Say(1, 2, DhcpMessageType.Request, has: second, also: Called("mail")));
        Assert.Equal(second, Find("mail"));
        // Who gives its address back gives its name back.
        _net.Say(1, 2, DhcpMessageType.Release, server: DhcpRig.Server, has: second);
        Assert.Equal("IsElsewhere", Find("mail"));
    }

    [Fact]
    public void A_guest_may_call_itself_something_else()
    {
        var address = Boot(0, 1, "mail");
        _net.Say(0, 1, DhcpMessageType.Request, has: address, also: Called("post"));
        Assert.Equal(("IsElsewhere", address), (Find("mail"), Find("post")));
        Assert.Equal(Boot(1, 2, "mail"), Find("mail"));
    }

    /// <summary>In a network that is called as a domain of the world is.</summary>
    [Fact]
    public void A_name_of_the_world_is_no_guests_unless_the_world_has_none()
    {
        var address = Boot(0, 1, "go");
        Assert.Equal("IsElsewhere", Find("go.dev"));
        Assert.Equal(address, FindWhereNobodyIs("go.dev"));
        Assert.Null(FindWhereNobodyIs("www.go.dev"));
        Assert.Null(FindWhereNobodyIs("go.com"));
        // The file may say what it likes.
        Assert.Equal(("10.10.0.10", address), (Find("web.dev"), Find("port0.dev")));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("arpa")]
    public void Below_names_that_programs_know_no_guest_has_one(string network)
    {
        Boot(0, 1, "go");
        var scope = _scope with { Suffixes = [DnsText.Name(""), DnsText.Name(network), _scope.Domain] };
        Assert.False(new LocalNames(scope, _net.Leases).FindWhereNobodyIs(DnsText.Name($"go.{network}"), new Ipv4Address[1], out _));
    }

    /// <summary>Else it would have what is asked for of the domain, such as its zone.</summary>
    [Fact]
    public void The_domain_is_no_guests()
    {
        Boot(0, 1, "corp");
        var scope = _scope with { Domain = DnsText.Name("corp") };
        var found = new LocalNames(scope, _net.Leases)
            .Find(scope.Domain.Span, new Ipv4Address[1], out var count, new byte[DnsName.MaximumSize], out _);
        Assert.Equal((LocalAnswer.IsName, 0), (found, count));
    }

    [Theory]
    [InlineData("a_b")]
    [InlineData("WPAD")]
    [InlineData("localhost")]
    [InlineData("Instance-Data")]
    [InlineData("data-server")]
    [InlineData("isatap.local")]
    [InlineData("-a")]
    [InlineData("a\0b")]
    [InlineData("")]
    [InlineData(".")]
    public void What_no_host_can_be_called_is_no_name(string name)
    {
        var address = Boot(0, 1, name);
        Assert.Equal("port0.dev.internal", Find(Backward(address)));
    }

    [Fact]
    public void A_name_with_its_domain_counts_as_well()
    {
        Assert.Equal(_net.Boot(0, 1, (DhcpOption.FullName, [4, 0, 0, .. DnsText.Name("mail.example.org")])), Find("mail"));
        Assert.Equal(_net.Boot(0, 2, (DhcpOption.FullName, [0, 0, 0, .. "post.example.org"u8])), Find("post"));
        _net.Boot(0, 3, (DhcpOption.FullName, [4, 0, 0, 200, 1]));
        _net.Boot(1, 4, (DhcpOption.FullName, [4, 0, 0]));
    }

    [Fact]
    public void For_people_there_is_each_name_once_without_those_that_a_guest_only_would_like()
    {
        var (mail, other) = (Boot(0, 1, "mail"), Boot(1, 2, "web"));
        _scope.Addresses[Ipv4Address.Parse("192.0.2.7")] = DnsText.Name("www.example.org");
        _scope.Given.AddRange([("web", Ipv4Address.Parse("10.10.0.10")), ("www.example.org", Ipv4Address.Parse("192.0.2.7")),
            ("localhost", Ipv4Address.Parse("127.0.0.1"))]);
        var names = new GuestNames(_scope, _net.Leases);
        Assert.Equal(
            [
                $"mail mail.dev.internal {mail} True", $"port0 port0.dev.internal {mail} False",
                $"port1 port1.dev.internal {other} False", "web web.dev.internal 10.10.0.10 False",
                "www.example.org www.example.org 192.0.2.7 False",
            ],
            names.All().Select(name => $"{name.Name} {name.Full} {name.Address} {name.IsOfGuest}").Order(StringComparer.Ordinal));
        Assert.Equal(["mail", "port1", "web", "www.example.org", null],
            ((string[])[mail, other, "10.10.0.10", "192.0.2.7", "10.10.0.99"]).Select(one => names.Of(Ipv4Address.Parse(one))));
    }

    private void Release(int port, int client, string address) =>
        _net.Say(port, client, DhcpMessageType.Release, server: DhcpRig.Server, has: address);

    private static (byte, byte[]) Called(string name) => (DhcpOption.HostName, Encoding.Latin1.GetBytes(name));

    private string Boot(int port, int client, string? name = null) => _net.Boot(port, client, name is null ? [] : [Called(name)]);

    private static string Backward(string address) => $"{string.Join('.', address.Split('.').Reverse())}.in-addr.arpa";

    private string? FindWhereNobodyIs(string name)
    {
        var addresses = new Ipv4Address[LocalNames.MostAddresses];
        return new LocalNames(_scope, _net.Leases).FindWhereNobodyIs(DnsText.Name(name), addresses, out _) ? addresses[0].ToString() : null;
    }

    /// <summary>The addresses of a name, or the name of an address, or else what is known.</summary>
    private string Find(string name)
    {
        var addresses = new Ipv4Address[LocalNames.MostAddresses];
        var room = new byte[DnsName.MaximumSize];
        var found = new LocalNames(_scope, _net.Leases).Find(DnsText.Name(name), addresses, out var count, room, out var called);
        return count > 0 ? string.Join(' ', addresses[..count]) : !called.IsEmpty ? DnsName.ToText(called) : found.ToString();
    }
}
