using Microsoft.AspNetCore.WebUtilities;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;

namespace SoftSwitch.Api;

/// <summary>
/// The outermost step of a request: whatever goes wrong inside becomes problem details (RFC 9457), also what routing answers
/// with an empty 404 or 405. Of an exception nobody foresaw the client sees its type and message, never a stack trace.
/// </summary>
internal static class Problems
{
    public static async Task Answer(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (ProblemException problem)
        {
            await Write(context, problem.Status, problem.Message, problem.Errors);
            return;
        }
        catch (BadHttpRequestException bad)
        {
            await Write(context, bad.StatusCode, bad.Message);
            return;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            await Write(context, StatusCodes.Status500InternalServerError,
                $"the switch could not answer: {failure.GetType().Name}: {failure.Message}");
            return;
        }
        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            await Write(context, context.Response.StatusCode, Detail(context));
    }

    private static string Detail(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"there is nothing at {context.Request.Path}; GET /openapi.json lists what there is",
        StatusCodes.Status405MethodNotAllowed =>
            $"{context.Request.Path} does not take {context.Request.Method}, only {context.Response.Headers.Allow}",
        var status => ReasonPhrases.GetReasonPhrase(status),
    };

    private static async Task Write(HttpContext context, int status, string detail, IReadOnlyList<string>? errors = null)
    {
        if (context.Response.HasStarted)
        {
            // Half an answer can't be taken back: the client must see that it is not whole.
            context.Abort();
            return;
        }
        var problem = new ProblemView("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, errors);
        var body = ProblemView.Members.Json(problem);
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "1";
        context.Response.ContentType = "application/problem+json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
