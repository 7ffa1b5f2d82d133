using SoftSwitch.Linux.Resolvers;

namespace SoftSwitch.Tests.Linux;

/// <summary>Whom the host asks for names, as its C library reads that (resolv.conf(5)).</summary>
public sealed class ResolverFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-resolvers-").FullName;

    private string Host => Path.Combine(_folder, "resolv.conf");

    private string BehindStub => Path.Combine(_folder, "behind");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("nameserver 192.0.2.53\nnameserver 2001:db8::53\n", "192.0.2.53 2001:db8::53")]
    [InlineData("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
        "192.0.2.1 192.0.2.2 192.0.2.3")]
    [InlineData("search example.org\nnameserver\t192.0.2.53 \noptions edns0", "192.0.2.53")]
    [InlineData("nameserver 192.0.2.53#home\nnameserver 192.0.2.54;x\nnameserver 192.0.2.55 # y\n", "192.0.2.53 192.0.2.54 192.0.2.55")]
    [InlineData("nameserver 192.0.2.53\r\nnameserver ::ffff:192.0.2.54\r\n", "192.0.2.53 192.0.2.54")]
    [InlineData("#nameserver 192.0.2.53\nNAMESERVER 192.0.2.53\nnameserver one\nnameserver\nnameserver #\n", "127.0.0.1")]
    [InlineData("", "127.0.0.1")]
    [InlineData(null, "127.0.0.1")]
    [InlineData("nameserver 127.0.0.53\n", "192.0.2.99")]
    [InlineData("nameserver 127.0.0.53\nnameserver 192.0.2.53\n", "127.0.0.53 192.0.2.53")]
    public void Each_line_names_one(string? text, string servers)
    {
        File.WriteAllText(BehindStub, "nameserver 192.0.2.99\n");
        if (text is not null)
            File.WriteAllText(Host, text);
        Assert.Equal(servers, string.Join(' ', new ResolverFile(Host, BehindStub).Servers(0)));
    }

    [Fact]
    public void It_is_read_again_once_a_second()
    {
        var file = new ResolverFile(Host, BehindStub);
        File.WriteAllText(Host, "nameserver 192.0.2.53\n");
        Assert.Equal("192.0.2.53", Assert.Single(file.Servers(5_000)).ToString());
        File.WriteAllText(Host, "nameserver 192.0.2.54\n");
        Assert.Equal("192.0.2.53", Assert.Single(file.Servers(5_999)).ToString());
        Assert.Equal("192.0.2.54", Assert.Single(file.Servers(6_000)).ToString());
    }
}
