using CsCheck;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>Clients that say anything, in any order.</summary>
public sealed class DhcpFuzzTests
{
    [Fact]
    public void Forty_thousand_hostile_messages_break_nothing()
    {
        using var run = new DhcpFuzzRun(seed: 2131);
        run.Run(40_000);
        Assert.True(run.Answers > 5_000, $"only {run.Answers} answers: the fuzz reaches nothing");
        Assert.True(run.Overloaded > 100, $"only {run.Overloaded} answers with options in the names' fields: the fuzz reaches nothing");
    }

    [Fact]
    public void Hostile_messages_of_any_seed_break_nothing() => Gen.Int.Sample(
        seed =>
        {
            using var run = new DhcpFuzzRun(seed);
            run.Run(500);
        },
        iter: 50);
}
