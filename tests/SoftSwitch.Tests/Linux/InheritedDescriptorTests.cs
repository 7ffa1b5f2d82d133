using System.Diagnostics;
using SoftSwitch.Linux;

namespace SoftSwitch.Tests.Linux;

/// <summary>What is left for the next program is left for nobody else.</summary>
public sealed class InheritedDescriptorTests
{
    [Fact]
    public void WhereTheNextProgramIsRefusedNoOtherInheritsWhatWasLeftForIt()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        var descriptor = InheritedDescriptor.Leave(pipe.SafePipeHandle);
        Assert.True(ChildHolds(descriptor));

        InheritedDescriptor.KeepAll();

        Assert.False(ChildHolds(descriptor));
    }

    /// <summary>Its number may be another's by now, who would be taken for it.</summary>
    [Fact]
    public void WhatIsClosedIsNotLeft()
    {
        var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        var handle = pipe.SafePipeHandle;
        pipe.Dispose();
        Assert.Throws<SystemCallException>(() => InheritedDescriptor.Leave(handle));
    }

    private static bool ChildHolds(int descriptor)
    {
        using var child = Process.Start("/bin/sh", ["-c", $"test -e /proc/$$/fd/{descriptor}"]);
        child.WaitForExit();
        return child.ExitCode == 0;
    }
}
