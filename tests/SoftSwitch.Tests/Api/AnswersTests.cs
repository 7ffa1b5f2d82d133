using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SoftSwitch.Api;

namespace SoftSwitch.Tests.Api;

/// <summary>Answers that nobody reads take a few places, and no new request waits behind them.</summary>
public sealed class AnswersTests
{
    private readonly Answers _answers = new();
    private readonly UserPlaces _places = new(100, 100);
    private readonly ConcurrentQueue<int> _made = [];
    private readonly CancellationTokenSource _end = new();

    [Fact]
    public async Task Two_of_a_user_are_made_at_a_time_and_of_those_that_wait_the_latest_is_next()
    {
        Task[] asked = [Ask(1000, 1, Unread)];
        await Made(1);
        // The times of the first two are over one after the other, so that those who wait don't come to their turn at one moment.
        await Task.Delay(300, TestContext.Current.CancellationToken);
        asked = [.. asked, .. Enumerable.Range(2, 3).Select(number => Ask(1000, number, Unread))];
        await Made(2);
        Assert.Equal([1, 2], _made);
        // Another user waits for none of that.
        await Ask(1001, 5, Read);
        Assert.Equal([1, 2, 5], _made);
        // Who reads nothing gives way when his time is over.
        await Made(5);
        Assert.Equal([1, 2, 5, 4, 3], _made);
        await _end.CancelAsync();
        foreach (var answer in asked)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task An_answer_is_written_in_pieces()
    {
        var pieces = new List<int>();
        await Ask(1000, 1, (bytes, _) =>
        {
            pieces.Add(bytes.Length);
            return Task.CompletedTask;
        });
        Assert.Equal(1_000_000, pieces.Sum());
        Assert.All(pieces, piece => Assert.InRange(piece, 1, 64 * 1024));
    }

    [Fact]
    public async Task What_making_one_throws_is_its_own()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _answers.Give(Request(1000, Read), () => throw new InvalidDataException()));
        await Ask(1000, 1, Read);
        await Ask(1000, 2, Read);
        await Ask(1000, 3, Read);
        Assert.Equal([1, 2, 3], _made);
    }

    private Task Ask(uint user, int number, Func<ReadOnlyMemory<byte>, CancellationToken, Task> read) =>
        _answers.Give(Request(user, read), () =>
        {
            _made.Enqueue(number);
            return new byte[1_000_000];
        });

    private async Task Made(int count)
    {
        while (_made.Count < count)
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    private DefaultHttpContext Request(uint user, Func<ReadOnlyMemory<byte>, CancellationToken, Task> read)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(_places.Take(user, () => { }, 0));
        context.Features.Set<IHttpRequestLifetimeFeature>(new Lifetime(CancellationTokenSource.CreateLinkedTokenSource(_end.Token)));
        context.Response.Body = new Reader(read);
        return context;
    }

    private static Task Read(ReadOnlyMemory<byte> bytes, CancellationToken gone) => Task.CompletedTask;

    private static Task Unread(ReadOnlyMemory<byte> bytes, CancellationToken gone) => Task.Delay(Timeout.Infinite, gone);

    private sealed class Lifetime(CancellationTokenSource gone) : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; } = gone.Token;

        public void Abort() => gone.Cancel();
    }

    private sealed class Reader(Func<ReadOnlyMemory<byte>, CancellationToken, Task> read) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(read(buffer, cancellationToken));
    }
}
