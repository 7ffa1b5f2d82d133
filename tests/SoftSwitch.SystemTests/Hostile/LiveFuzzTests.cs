using System.Globalization;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;
using SoftSwitch.Tests.Forwarding.Fuzzing;

namespace SoftSwitch.SystemTests.Hostile;

/// <summary>
/// Mutated frames, with offload headers that are right, nearly right or noise, by real ports of all kinds into networks of all modes. The
/// fuzzes in memory judge what comes out; this one, that the switch lives, that no port fails, that what came in is counted, that memory
/// stays as it is, and that bystanders reach each other. <c>tools/live-fuzz</c> runs it for as long as you like.
/// </summary>
[Collection(typeof(AloneOnTheMachine))]
public class LiveFuzzTests
{
    private const int Turn = 200;

    /// <summary>Memory that is taken once: pools, tables, what the runtime keeps.</summary>
    private const long MostKilobytes = 100_000;

    private static long Frames { get; } = Number("SOFTSWITCH_FUZZ_FRAMES", 20_000);

    private static int Seed { get; } = (int)Number("SOFTSWITCH_FUZZ_SEED", 20_261);

    /// <summary>Frames a second; 0: as fast as they can be made.</summary>
    private static long Pace { get; } = Number("SOFTSWITCH_FUZZ_PACE", 20_000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Hostile_frames_on_live_ports_of_all_modes_and_kinds_break_nothing(int workers)
    {
        Need.Tun();
        Need.RealRoot("frames that the test itself sends");
        using var ground = new HostileGround(workers);
        var seed = Seed + workers;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {Frames} frames, {workers} workers");
        var (generator, random) = (new FrameGenerator(seed), new Random(seed));
        Send(ground, generator, random, long.Min(Frames / 4, 1_000_000));
        var before = Memory(ground.Switch.Pid);
        var asking = ground.Bystanders.Select(ground.Ask).ToArray();
        Send(ground, generator, random, Frames - long.Min(Frames / 4, 1_000_000));
        var grown = Memory(ground.Switch.Pid) - before;
        foreach (var ping in asking)
        {
            ping.Signal("INT");
            ping.WaitForExit();
            TestContext.Current.TestOutputHelper?.WriteLine(ping.All());
        }
        Assert.True(ground.Switch.IsRunning);
        Assert.DoesNotContain(ground.Switch.Errors, line => line.Contains("internal error") || line.Contains("failed"));
        Assert.True(grown < MostKilobytes, $"{grown} KiB more than before");
        Eventually.Holds(() => ground.Switch.Items("ports").All(port => port.GetProperty("state").GetString() == "up"));
        foreach (var address in ground.Bystanders)
            Eventually.Holds(() => ground.Answers(address), 30);
        var taken = ground.Injectors.Sum(injector => injector.Taken);
        var counted = ground.Switch.Items("ports").Sum(port => port.GetProperty("in").GetProperty("frames").GetInt64());
        TestContext.Current.TestOutputHelper?.WriteLine($"the kernel took {taken}, {counted} came in, {grown} KiB more memory");
        Assert.True(counted > taken / 3, $"only {counted} of {taken} frames came in: the fuzz reaches nothing");
    }

    private static void Send(HostileGround ground, FrameGenerator generator, Random random, long frames)
    {
        var started = DateTime.UtcNow;
        for (long sent = 0; sent < frames; sent++)
        {
            var frame = generator.Next(out VirtioNetHeader offload);
            ground.Injectors[random.Next(ground.Injectors.Count)].Send(frame, offload);
            if (Pace == 0 || sent % Turn != 0)
                continue;
            var ahead = started.AddSeconds((double)sent / Pace) - DateTime.UtcNow;
            if (ahead > TimeSpan.Zero)
                Thread.Sleep(ahead);
        }
    }

    /// <summary>What it has of the machine's memory, in KiB.</summary>
    private static long Memory(int pid) => long.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static long Number(string variable, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
