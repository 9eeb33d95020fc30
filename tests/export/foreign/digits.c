/* Computes in two threads at once, each with a context of its own, and says what comes out.
 *
 * argv: file of one image (float32), file for the outputs of both threads.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "digits.h"

static float image[DIGITS_RUN_IMAGE_SIZE];

typedef struct {
    float digit[DIGITS_RUN_DIGIT_SIZE];
    int code;
} work;

static void *compute(void *given) {
    work *own = given;
    digits_context *context;
    own->code = digits_create(&context, 1);
    for (int turn = 0; turn < 20 && own->code == DIGITS_OK; turn++)
        own->code = digits_run(context, image, DIGITS_RUN_IMAGE_SIZE, own->digit, DIGITS_RUN_DIGIT_SIZE);
    if (own->code == DIGITS_OK) own->code = digits_free(context);
    return NULL;
}

static int expect(int code, int wanted) {
    if (code != wanted) printf("got %d (%s), not %d\n", code, digits_error(code), wanted);
    return code != wanted;
}

int main(int count, char **words) {
    FILE *file = count == 3 ? fopen(words[1], "rb") : NULL;
    if (!file || fread(image, sizeof image, 1, file) != 1) return 2;
    fclose(file);
    work works[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, compute, &works[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    file = fopen(words[2], "wb");
    for (int i = 0; i < 2; i++) {
        if (works[i].code) return printf("%s\n", digits_error(works[i].code)), 3;
        fwrite(works[i].digit, sizeof works[i].digit, 1, file);
    }
    fclose(file);
    digits_context *context;
    float out[DIGITS_RUN_DIGIT_SIZE];
    int wrong = expect(digits_create(NULL, 1), DIGITS_NULL_POINTER) + expect(digits_create(&context, 0), DIGITS_BAD_THREADS)
        + expect(digits_create(&context, 7), DIGITS_OK)
        + expect(digits_run(context, image, 28, out, 10), DIGITS_BAD_SHAPE)
        + expect(digits_run(context, NULL, 784, out, 10), DIGITS_NULL_POINTER)
        + expect(digits_run(NULL, image, 784, out, 10), DIGITS_NULL_POINTER)
        + expect(digits_free(context), DIGITS_OK) + expect(digits_free(NULL), DIGITS_OK);
    puts(digits_error(DIGITS_BAD_SHAPE));
    return wrong;
}
