using CsCheck;

namespace SoftSwitch.Tests.Forwarding.Fuzzing;

public sealed class FuzzTests
{
    [Fact]
    public void A_million_hostile_frames_break_nothing()
    {
        using var run = new FuzzRun(seed: 20_250);
        run.Run(1_000_000);
        Assert.True(run.Delivered > 500_000, $"only {run.Delivered} frames came out: the fuzz reaches nothing");
        Assert.True(run.Cut > 1000, $"only {run.Cut} super-frames were cut: the fuzz reaches nothing");
        Assert.True(run.CutInTunnels > 1000, $"only {run.CutInTunnels} segments were cut in tunnels: the fuzz reaches nothing");
    }

    /// <summary>The option of a jumbo header beside a length in the IPv6 header: it was taken out of the segments.</summary>
    [Fact]
    public void The_frames_of_a_seed_that_has_found_something_break_nothing()
    {
        using var run = new FuzzRun(seed: -994_908);
        run.Run(640);
    }

    [Fact]
    public void Hostile_frames_of_any_seed_break_nothing() => Gen.Int.Sample(
        seed =>
        {
            using var run = new FuzzRun(seed);
            run.Run(640);
        },
        iter: 50);
}
