using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Tests.Persistence;

public sealed class AddressMemoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ss").FullName;
    private readonly List<string> _said = [];

    private string State => Path.Combine(_root, "state");

    private string Written => Path.Combine(State, AddressMemory.FileName);

    /// <summary>As the next start reads it: who writes holds a lock, which .NET's own readers would take for a refusal.</summary>
    private string ReadWritten() => StateFile.Read(State, AddressMemory.FileName, 1024 * 1024) ?? "";

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_noted_is_there_at_the_next_start_beside_what_others_noted()
    {
        using (var one = Open())
        using (var other = Open())
        {
            one.Remember("dev", "vm1", Addresses("10.10.0.5", "10.10.0.6"));
            other.Remember("lab", "vm1", Addresses("10.20.0.5"));
        }
        using var again = Open();
        Assert.Equal(Addresses("10.10.0.5", "10.10.0.6"), again.Of("dev", "vm1"));
        Assert.Equal(Addresses("10.20.0.5"), again.Of("lab", "vm1"));
        Assert.Empty(again.Of("dev", "vm2"));
        Assert.Empty(_said);
    }

    /// <summary>Over a planned restart nothing is to be sought anew, whether a file was written lately, ever, or at all.</summary>
    [Fact]
    public void What_a_program_leaves_in_its_process_counts_more_than_the_file()
    {
        using var none = new AddressMemory(null, _said.Add);
        none.Remember("dev", "vm1", Addresses("10.10.0.7", "10.10.0.6"));
        using (var file = Open())
        {
            file.Remember("dev", "vm1", Addresses("10.10.0.5"));
            Assert.True(file.Keep());
            Assert.Contains("dev vm1 10.10.0.5\n", ReadWritten(), StringComparison.Ordinal);
        }
        using var next = new AddressMemory(State, _said.Add, left: none.Lines);
        Assert.Equal(Addresses("10.10.0.7", "10.10.0.6"), next.Of("dev", "vm1"));
        using var empty = new AddressMemory(State, _said.Add, left: "");
        Assert.Empty(empty.Of("dev", "vm1"));
        Assert.Empty(_said);
    }

    [Fact]
    public async Task A_change_is_written_at_once_and_then_at_most_every_ten_seconds()
    {
        using var memory = Open();
        var writes = 0;
        for (var second = 0; second < 40; second++)
        {
            memory.Remember("dev", "vm1", Addresses($"10.10.0.{second + 2}"));
            memory.Tick(new(1_000_000 + second * 1000));
            for (var i = 0; i < 1000 && second % 10 == 0
                && !(File.Exists(Written) && ReadWritten().Contains($"10.10.0.{second + 2}\n")); i++)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
                // The earlier write may have been about to end.
                memory.Tick(new(1_000_000 + second * 1000));
            }
            if (second % 10 == 0)
                writes += ReadWritten().Contains($"10.10.0.{second + 2}\n") ? 1 : 0;
            else
                Assert.DoesNotContain($"10.10.0.{second + 2}\n", ReadWritten());
        }
        Assert.Equal(4, writes);
    }

    [Fact]
    public void What_is_not_understood_is_left_out_and_what_is_too_much_too()
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Written, """
            # by hand
            dev vm1 10.10.0.5 nonsense 10.10.0.6 0.0.0.0 10.10.0.7 10.10.0.8 10.10.0.9
            DEV vm2 10.10.0.5
            dev vm3
            dev ../etc 10.10.0.5
            """);
        using var memory = Open();
        Assert.Equal(Addresses("10.10.0.5", "10.10.0.6"), memory.Of("dev", "vm1"));
        Assert.Equal([0, 0, 0],
            new[] { ("DEV", "vm2"), ("dev", "vm3"), ("dev", "../etc") }.Select(port => memory.Of(port.Item1, port.Item2).Count));
    }

    [Fact]
    public void A_folder_that_can_t_be_written_is_said_once_and_no_folder_is_no_trouble()
    {
        File.WriteAllText(Path.Combine(_root, "file"), "");
        using (var memory = new AddressMemory(Path.Combine(_root, "file/state"), _said.Add))
            memory.Remember("dev", "vm1", Addresses("10.10.0.5"));
        Assert.Contains("write state: and a folder that can be written", Assert.Single(_said));
        using (var memory = AddressMemory.None)
            memory.Remember("dev", "vm1", Addresses("10.10.0.5"));
    }

    [Fact]
    public void The_end_does_not_wait_for_a_disk_that_has_stopped()
    {
        using ManualResetEventSlim goesOn = new(), isWritten = new();
        var memory = new AddressMemory(State, _said.Add, (_, _) =>
        {
            goesOn.Wait();
            isWritten.Set();
        });
        memory.Remember("dev", "vm1", Addresses("10.10.0.5"));
        memory.Dispose();
        Assert.Contains("not written in time", Assert.Single(_said));
        goesOn.Set();
        isWritten.Wait(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Whatever_writing_throws_is_said_and_ends_nothing()
    {
        using (var memory = new AddressMemory(State, _said.Add, (_, _) => throw new InvalidDataException("planted")))
            memory.Remember("dev", "vm1", Addresses("10.10.0.5"));
        Assert.Contains("planted", Assert.Single(_said));
    }

    private AddressMemory Open() => new(State, _said.Add);

    private static Ipv4Address[] Addresses(params string[] addresses) => [.. addresses.Select(text => Ipv4Address.Parse(text))];
}
