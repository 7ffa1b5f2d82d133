using CsCheck;

namespace SoftSwitch.Tests.Nat.Fuzzing;

public sealed class NatFuzzTests
{
    [Fact]
    public void Half_a_million_hostile_frames_break_nothing()
    {
        using var run = new NatFuzzRun(seed: 20_260);
        run.Run(500_000);
        Assert.True(run.Translated > 100_000, $"only {run.Translated} frames crossed: the fuzz reaches nothing");
        Assert.True(run.Errors > 2000, $"only {run.Errors} errors crossed: the fuzz reaches nothing");
        Assert.True(run.Released > 500, $"only {run.Released} fragments were released: the fuzz reaches nothing");
    }

    [Fact]
    public void Hostile_frames_of_any_seed_break_nothing() => Gen.Int.Sample(
        seed =>
        {
            using var run = new NatFuzzRun(seed);
            run.Run(2000);
        },
        iter: 50);
}
