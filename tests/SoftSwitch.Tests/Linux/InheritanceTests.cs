using System.IO.Pipes;
using SoftSwitch.Linux.Succession;

namespace SoftSwitch.Tests.Linux;

/// <summary>What a program leaves to the one that follows in its process is found there by its names, and nobody else has it.</summary>
public sealed class InheritanceTests
{
    [Fact]
    public void What_is_left_is_found_by_its_name_once_and_the_rest_is_closed()
    {
        using var pipe = new AnonymousPipeServerStream();
        var copies = new[] { Copy(pipe), Copy(pipe) };
        var heir = new Inheritance();
        heir.Leave("vm1 tap", copies[0]);
        heir.Leave("vm1 interface", "7 -1 tap1");
        heir.Leave("dev flows 1", new byte[] { 1, 2, 3 });
        heir.Hold(copies[1]);
        heir.Own("softswitch-pool-3-x-1-y");
        var after = Inheritance.Read(heir.Write());
        Assert.True(after.IsThere);
        Assert.Equal("7 -1 tap1", after.TextOf("vm1 interface"));
        Assert.Equal([1, 2, 3], after.TakeBytes("dev flows 1")!);
        Assert.Null(after.TakeBytes("dev flows 1"));
        Assert.True(after.Owns("softswitch-pool-3-x-1-y"));
        Assert.False(after.Owns("softswitch-pool-3-x-1-z"));
        using (var tap = after.Take("vm1 tap"))
            Assert.Equal(copies[0].DangerousGetHandle(), tap!.DangerousGetHandle());
        Assert.Null(after.Take("vm1 tap"));
        after.Dispose();
        Assert.False(after.IsThere);
        Assert.True(SpinWait.SpinUntil(() => !File.Exists($"/proc/self/fd/{copies[1].DangerousGetHandle()}"), TimeSpan.FromSeconds(10)));
        Array.ForEach(copies, copy => copy.SetHandleAsInvalid());
    }

    [Theory]
    [InlineData("take\t99999\tvm1 tap\nhold\t-1\nhold\tx\n\t\nnonsense")]
    [InlineData("take\t3\n")]
    public void Lines_that_make_no_sense_are_none(string lines)
    {
        var after = Inheritance.Read(lines);
        Assert.Null(after.Take("vm1 tap"));
        Assert.Null(after.TextOf("vm1 interface"));
        after.Dispose();
    }

    [Fact]
    public void Where_the_next_program_does_not_come_all_is_as_before()
    {
        using var pipe = new AnonymousPipeServerStream();
        var heir = new Inheritance();
        heir.Leave("vm1 tap", pipe.SafePipeHandle);
        heir.Leave("dev flows 1", new byte[] { 1 });
        heir.TakeBack();
        Assert.False(pipe.SafePipeHandle.IsClosed);
        using var child = System.Diagnostics.Process.Start(
            "/bin/sh", ["-c", $"test -e /proc/$$/fd/{pipe.SafePipeHandle.DangerousGetHandle()}"]);
        child.WaitForExit();
        Assert.NotEqual(0, child.ExitCode);
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle Copy(AnonymousPipeServerStream pipe) =>
        File.OpenHandle($"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
}
