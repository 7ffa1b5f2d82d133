using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Tests.Persistence;

/// <summary>Which addresses servers outside have lent is known after a restart.</summary>
public sealed class OutsideLeaseMemoryTests : IDisposable
{
    private static readonly Ipv4Address s_one = Ipv4Address.Parse("192.0.2.50"), s_two = Ipv4Address.Parse("192.0.2.51");

    private static readonly DateTimeOffset s_until = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-lease-").FullName;
    private readonly List<string> _said = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_lent_last_is_known_of_its_network_and_interface_alone()
    {
        using (var memory = Memory())
        {
            Assert.Null(memory.Of("dev", "eth0"));
            memory.Remember("dev", "eth0", s_two, s_until);
            memory.Remember("dev", "eth0", s_one, s_until);
            memory.Remember("lab", "eth1", s_two, DateTimeOffset.MaxValue);
            Assert.Equal((s_one, s_until), memory.Of("dev", "eth0"));
        }
        // Another switch writes there, too.
        using (var other = Memory())
            other.Remember("far", "eth0", s_two, s_until);
        using var after = Memory();
        Assert.Equal((s_one, s_until), after.Of("dev", "eth0"));
        Assert.Equal(s_two, after.Of("lab", "eth1")?.Address);
        Assert.Equal(s_two, after.Of("far", "eth0")?.Address);
        Assert.Null(after.Of("dev", "eth1"));
        Assert.Empty(_said);
    }

    [Fact]
    public void Lines_that_make_no_sense_are_nothing()
    {
        File.WriteAllText(Path.Combine(_folder, OutsideLeaseMemory.FileName), "# a comment\n\ndev eth0 192.0.2.50 2000000000\n"
            + "a eth0 192.0.2.50\nb eth0 224.0.0.1 2000000000\nc eth0 192.0.2.50 -1\nd eth0 192.0.2.50 9999999999999999\n"
            + "E eth0 192.0.2.50 2000000000\nf eth0 here 2000000000\ndev eth0 192.0.2.99 2000000000\ng eth0 192.0.2.5");
        using var memory = Memory();
        Assert.Equal((s_one, s_until), memory.Of("dev", "eth0"));
        Assert.All("abcdEfg", network => Assert.Null(memory.Of($"{network}", "eth0")));
        Assert.Empty(_said);
    }

    [Fact]
    public void A_folder_that_cant_be_written_is_told_once()
    {
        using (var memory = new OutsideLeaseMemory(Path.Combine(_folder, "file", "below"), _said.Add))
        {
            File.WriteAllText(Path.Combine(_folder, "file"), "");
            memory.Remember("dev", "eth0", s_one, s_until);
            memory.Remember("dev", "eth0", s_two, s_until);
            Assert.Equal(s_two, memory.Of("dev", "eth0")?.Address);
        }
        Assert.Contains("leased outside addresses can't be kept", Assert.Single(_said));
    }

    private OutsideLeaseMemory Memory() => new(_folder, _said.Add);
}
