using SoftSwitch.Linux.Succession;
using SoftSwitch.Persistence;

namespace SoftSwitch.Tests.Persistence;

/// <summary>What was known a moment ago is read once, on the same boot, within a minute, or not at all.</summary>
public sealed class StateSnapshotTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ss-snapshot");
    private readonly List<string> _told = [];

    [Fact]
    public void It_is_read_once_within_a_minute()
    {
        Write(1_000);
        Assert.Equal([1, 2, 3], Read(60_999).TakeBytes("dev flows 1")!);
        Assert.Null(Read(60_999).TakeBytes("dev flows 1"));
        Write(1_000);
        Assert.Null(Read(61_001).TakeBytes("dev flows 1"));
        Write(1_000);
        Assert.Null(New("other").Read(1_500).TakeBytes("dev flows 1"));
        Write(1_000);
        // Of another boot, whose clock began anew.
        Assert.Null(Read(999).TakeBytes("dev flows 1"));
        Assert.Empty(_told);
    }

    [Fact]
    public void One_that_makes_no_sense_is_told_and_is_none()
    {
        var file = Path.Combine(_folder.FullName, "snapshot-1");
        Write(1_000);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^2]);
        Assert.Null(Read(2_000).TakeBytes("dev flows 1"));
        Assert.Single(_told);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void An_orderly_end_leaves_none_and_there_is_one_a_second_at_most()
    {
        var snapshot = New();
        Assert.True(snapshot.IsDue(1_000));
        snapshot.Write(State(), 1_000, TimeSpan.FromMilliseconds(100));
        Assert.False(snapshot.IsDue(2_999));
        Assert.True(SpinWait.SpinUntil(() => snapshot.IsDue(3_000), TimeSpan.FromSeconds(10)));
        snapshot.Dispose();
        Assert.Empty(_folder.GetFiles());
    }

    /// <summary>Who says nothing for an hour is connected all the same, whenever the switch is killed.</summary>
    [Fact]
    public void One_is_never_too_old_to_count_while_the_switch_runs()
    {
        using var snapshot = New();
        Assert.True(snapshot.IsAging(0));
        snapshot.Write(State(), 1_000, TimeSpan.Zero);
        Assert.False(snapshot.IsAging(30_999));
        Assert.True(snapshot.IsAging(31_000));
        Assert.True(SpinWait.SpinUntil(() => snapshot.IsDue(31_000), TimeSpan.FromSeconds(10)));
        Assert.Equal([1, 2, 3], Read(31_000).TakeBytes("dev flows 1")!);
    }

    [Fact]
    public void A_folder_that_can_not_be_written_is_told_once()
    {
        var file = Path.Combine(_folder.FullName, "no-folder");
        File.WriteAllText(file, "");
        using var snapshot = new StateSnapshot(file, 1, "one", _told.Add);
        for (var now = 0; now < 3; now++)
        {
            snapshot.Write(State(), now * 1_000, TimeSpan.Zero);
            Assert.True(SpinWait.SpinUntil(() => snapshot.IsDue(long.MaxValue), TimeSpan.FromSeconds(10)));
        }
        Assert.Single(_told);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private StateSnapshot New(string owner = "one") => new(_folder.FullName, 1, owner, _told.Add);

    private Inheritance Read(long now) => New().Read(now);

    private void Write(long now)
    {
        var snapshot = New();
        snapshot.Write(State(), now, TimeSpan.Zero);
        Assert.True(SpinWait.SpinUntil(() => snapshot.IsDue(long.MaxValue), TimeSpan.FromSeconds(10)));
    }

    private static Inheritance State()
    {
        var state = Inheritance.OfState();
        state.Leave("dev flows 1", new byte[] { 1, 2, 3 });
        state.Leave("dev ways", "1 2 192.0.2.2 1 0 0 nic");
        return state;
    }
}
