using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Packets.Dhcp;

/// <summary>Values of options that are lists of a kind of their own.</summary>
public sealed class DhcpListTests
{
    [Fact]
    public void Domains_to_search_are_written_as_RFC_3397_has_them() => Assert.Equal(
        "03656e67" + "056170706c65" + "03636f6d00" + "096d61726b6574696e67" + "c004",
        Convert.ToHexStringLower(DhcpSearchList.Write(["eng.apple.com", "marketing.apple.com"])));

    [Fact]
    public void Domains_to_search_are_read_as_they_were_written()
    {
        var random = new Random(3397);
        for (var i = 0; i < 2_000; i++)
        {
            string[] domains = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Domain(random))];
            var bytes = DhcpSearchList.Write(domains);
            var (at, name) = (0, new byte[DnsName.MaximumSize]);
            foreach (var domain in domains)
            {
                var length = DnsName.Read(bytes, ref at, name);
                Assert.Equal(domain, DnsName.ToText(name.AsSpan(0, length)));
            }
            Assert.Equal(bytes.Length, at);
        }
    }

    [Fact]
    public void Routes_are_written_as_RFC_3442_has_them()
    {
        (string To, string Written)[] examples =
        [
            ("0.0.0.0/0", "00"), ("10.0.0.0/8", "080a"), ("10.0.0.0/24", "180a0000"), ("10.17.0.0/16", "100a11"),
            ("10.27.129.0/24", "180a1b81"), ("10.229.0.128/25", "190ae50080"), ("10.198.122.47/32", "200ac67a2f"),
        ];
        foreach (var (to, written) in examples)
        {
            Assert.True(Ipv4Subnet.TryParse(to, out var subnet));
            var bytes = DhcpRoutes.Write([(subnet, Ipv4Address.Parse("10.10.0.1"))]);
            Assert.Equal(written + "0a0a0001", Convert.ToHexStringLower(bytes));
            Assert.Equal(bytes.Length, DhcpRoutes.SizeOf(subnet));
        }
    }

    private static string Domain(Random random)
    {
        string[] words = ["a", "b", "dev", "example", "org"];
        return string.Join('.', Enumerable.Range(0, random.Next(1, 5)).Select(_ => words[random.Next(words.Length)]));
    }
}
