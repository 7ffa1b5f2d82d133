using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.Tests.Nat;

public sealed class MemoryTests
{
    [Fact]
    public void A_translator_that_was_replaced_and_forgotten_gives_its_memory_back_in_an_idle_process()
    {
        var replaced = new List<WeakReference>();
        // So few don't fill the heap; each has 100 MB beside it.
        while (replaced.Count < 20 && replaced.TrueForAll(one => one.IsAlive))
        {
            replaced.Add(Forget());
            // The collector spends a fifth of its time on this at most.
            Thread.Sleep(50);
        }
        Assert.Contains(replaced, one => !one.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forget() => new(Translator.Of(new() { OutsideAddress = NatRig.Outside }, new NaptPolicy()));
}
