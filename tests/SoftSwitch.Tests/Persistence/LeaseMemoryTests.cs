using CsCheck;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Tests.Persistence;

/// <summary>What is given by DHCP is known after a restart.</summary>
public sealed class LeaseMemoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-leases-").FullName;
    private readonly List<string> _said = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_known_to_the_next_and_what_others_wrote_stays()
    {
        Write("dev", Lease("dev", 5));
        Write("lab", Lease("lab", 6), Lease("lab", 7));
        Write("dev", Lease("dev", 8));
        using var next = Memory();
        Assert.Equal([Lease("dev", 8)], next.Of("dev"));
        Assert.Equal([Lease("lab", 6), Lease("lab", 7)], next.Of("lab"));
        Assert.Empty(_said);
    }

    [Fact]
    public void A_broken_file_is_set_aside_and_what_can_be_read_counts()
    {
        Write("dev", Lease("dev", 5), Lease("dev", 6));
        var path = Path.Combine(_folder, LeaseMemory.FileName);
        var broken = File.ReadAllText(path)[..^4];
        File.WriteAllText(path, broken);
        using var next = Memory();
        Assert.Equal([Lease("dev", 5)], next.Of("dev"));
        Assert.Equal(broken, File.ReadAllText(Path.Combine(_folder, LeaseMemory.AsideName)));
        Assert.Contains("is broken", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cant_be_written_costs_a_line_and_nothing_else()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        using (var memory = new LeaseMemory(Path.Combine(_folder, "file", "below"), _said.Add))
        {
            memory.Write(new HashSet<string> { "dev" }, [Lease("dev", 5)], 0);
            Assert.True(SpinWait.SpinUntil(() => memory.HasFailed, TimeSpan.FromSeconds(60)));
            Assert.False(memory.IsDue(9_000));
            // It is tried again, and told once.
            Assert.True(SpinWait.SpinUntil(() => memory.IsDue(60_000), TimeSpan.FromSeconds(60)));
            memory.Write(new HashSet<string> { "dev" }, [Lease("dev", 5)], 60_000);
        }
        Assert.Contains("can't be kept", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void No_line_is_too_strange_to_be_read() => Gen.String[Gen.Char["abc 0123456789.:-_bound\u00e9"], 0, 90]
        .Sample(line => !LeaseLine.TryParse(line, out var lease) || LeaseLine.TryParse($"{lease}", out var again) && again == lease);

    private static LeaseLine Lease(string network, int number) => new(network, new(0x0A0A0000 + (uint)number), "vm1",
        new(0x5254_0000_0000 + (ulong)number), new DhcpClient(new MacAddress(0x5254_0000_0000 + (ulong)number)),
        DateTimeOffset.FromUnixTimeSeconds(1_800_000_000 + number), IsBound: number % 2 == 0);

    private void Write(string network, params LeaseLine[] leases)
    {
        using var memory = Memory();
        memory.Write(new HashSet<string> { network }, leases, 0);
    }

    private LeaseMemory Memory() => new(_folder, _said.Add);
}
