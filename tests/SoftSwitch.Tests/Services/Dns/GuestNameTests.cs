using SoftSwitch.Packets.Dhcp;
using SoftSwitch.Packets.Dns;
using SoftSwitch.Tests.Services.Dhcp;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>A guest calls itself <c>go</c> in a network <c>dev</c>, and <c>dev</c> is a domain of the world as well.</summary>
public sealed class GuestNameTests : IDisposable
{
    private readonly DhcpRig _leases = new();
    private readonly DnsRig _net = new();
    private readonly string _address;

    public GuestNameTests()
    {
        _net.Server.Leases = _leases.Leases;
        _address = Boot("go");
    }

    public void Dispose()
    {
        _net.Dispose();
        _leases.Dispose();
    }

    [Fact]
    public void It_has_the_word_alone_and_with_the_domain()
    {
        Assert.Equal($"NoError own go 0 A {_address}", _net.Ask(1, "go A"));
        Assert.Equal($"NoError own go.dev.internal 0 A {_address}", _net.Ask(1, "go.dev.internal A"));
        Assert.Equal("NoError own | go 0 SOA", _net.Ask(1, "go AAAA"));
        Assert.Null(_net.HearQuestion());
    }

    [Fact]
    public void What_the_world_calls_so_is_the_worlds()
    {
        Assert.Equal("NoError go.dev 60 A 192.0.2.1", _net.AskThrough(1, "go.dev A", DnsCode.NoError, "QNAME 60 A 192.0.2.1"));
        Assert.Equal("NoError go.dev 60 A 192.0.2.1", _net.Ask(1, "go.dev A"));
        Assert.Equal("NoError | go.dev 60 SOA", _net.AskThrough(1, "go.dev AAAA", DnsCode.NoError, "|", "go.dev 60 SOA 60"));
    }

    [Fact]
    public void Where_the_world_has_nobody_it_is_the_guest()
    {
        Assert.Equal($"NoError own Go.dev 0 A {_address}", _net.AskThrough(1, "Go.dev A", DnsCode.NameError, "|", "dev 60 SOA 60"));
        // That the world has none is known for a while, and the guest only as long as it is there.
        Assert.Equal($"NoError own go.dev 0 A {_address}", _net.Ask(1, "go.dev A"));
        Assert.Equal("NoError own | go.dev 0 SOA", _net.AskThrough(1, "go.dev AAAA", DnsCode.NameError, "|", "dev 60 SOA 60"));
        _leases.Later(3601);
        Assert.Equal("NameError | dev 60 SOA", _net.Ask(1, "go.dev A"));
    }

    [Fact]
    public void Where_nobody_answers_it_is_not_the_guest()
    {
        Assert.Equal("", _net.Ask(1, "go.dev A"));
        Assert.NotNull(_net.HearQuestion());
        _net.Fail();
        Assert.Equal("ServerFailure", _net.Hear(1));
        _net.Server.Scope = _net.Server.Scope with { AsksOthers = false };
        Assert.Equal("Refused", _net.Ask(1, "go.dev A"));
        Assert.Equal($"NoError own go 0 A {_address}", _net.Ask(1, "go A"));
    }

    /// <summary>Who verifies signatures goes by the keys of each zone above, <c>com</c> among them.</summary>
    [Theory]
    [InlineData("NS")]
    [InlineData("SOA")]
    [InlineData("DS")]
    [InlineData("DNSKEY")]
    public void Zones_of_the_world_stay_the_worlds(string type)
    {
        Boot("com");
        Assert.Equal("", _net.Ask(1, $"com {type}"));
        Assert.NotNull(_net.HearQuestion());
        Assert.Equal("NameError own | dev.internal 0 SOA", _net.Ask(1, $"www.dev.internal {type}"));
    }

    private string Boot(string name) =>
        _leases.Boot(0, name.Length, (DhcpOption.HostName, System.Text.Encoding.ASCII.GetBytes(name)));
}
