using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>What an output has taken and then drops counts where it came in, and no more where it went out: the books balance.</summary>
public sealed class LateDropTests
{
    [Fact]
    public void It_is_counted_at_the_port_that_has_brought_it_by_whichever_thread()
    {
        using MemoryPort input = new("input"), output = new("output");
        (output.Counters(0).OutFrames, output.Counters(0).OutBytes) = (20_000, 2_000_000);
        Parallel.For(0, 10_000, _ => input.DropLate(output, 60, DropReason.QueueFull));
        Assert.Equal((10_000, 10_000), (input.Total().InDrops(DropReason.QueueFull), input.Total().InDropsTotal));
        Assert.Equal((10_000, 1_400_000, 0), (output.Total().OutFrames, output.Total().OutBytes, output.Total().OutDropsTotal));
        Assert.Equal(0, input.Counters(0).InDropsTotal);
    }
}
